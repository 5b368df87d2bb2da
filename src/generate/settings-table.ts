/** The table of `docs/settings.md`: every setting. */
import { describeSettings } from "../setting-meanings.ts";
import type { settings } from "../settings.ts";
import type { Language } from "./language.ts";
import { table } from "./markdown.ts";
import { ruleVariablesMeaning, settingMeanings } from "./zh-CN/settings.ts";

const heads = {
  en: ["Name", "Kind", "Default", "Meaning"],
  "zh-CN": ["名称", "类型", "默认值", "含义"],
} as const;

const chinese: Readonly<Record<string, string>> = { secret: "密钥", variable: "变量", none: "无" };

export function settingsTable(language: Language): string {
  const rows = describeSettings().map(({ name, kind, default: value, meaning }) =>
    language === "en"
      ? [`\`${name}\``, kind, value, meaning]
      : [
          `\`${name}\``,
          chinese[kind]!,
          chinese[value] ?? value,
          settingMeanings[name as keyof typeof settings] ?? ruleVariablesMeaning,
        ],
  );
  return table(heads[language], rows);
}
