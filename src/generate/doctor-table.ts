/** The table of `docs/doctor.md`: every check of `tim-relay doctor`. */
import { type CheckName, checks } from "../cli/doctor/checks.ts";
import type { Language } from "./language.ts";
import { table } from "./markdown.ts";
import { checkTexts } from "./zh-CN/checks.ts";

const heads = {
  en: ["Check", "Looks at", "A fault means", "Mend it"],
  "zh-CN": ["检查", "检查什么", "有问题意味着", "如何解决"],
} as const;

export function doctorTable(language: Language): string {
  const rows = checks.map((check) => {
    const { looksAt, means, mend } = language === "en" ? check : checkTexts[check.name as CheckName];
    return [`\`${check.name}\``, looksAt, means, mend];
  });
  return table(heads[language], rows);
}
