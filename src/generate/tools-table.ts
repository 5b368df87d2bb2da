/** The table of `docs/agents.md`: every tool of `tim-relay mcp`. */
import { actingTools, readingTools, type ToolName } from "../cli/mcp/tools.ts";
import type { Language } from "./language.ts";
import { table } from "./markdown.ts";
import { toolMeanings } from "./zh-CN/tools.ts";

const words = {
  en: { head: ["Tool", "It", "Does"], reads: "reads", acts: "acts" },
  "zh-CN": { head: ["工具", "类别", "作用"], reads: "读取", acts: "操作" },
} as const;

export function toolsTable(language: Language): string {
  const { head, reads, acts } = words[language];
  const rows = [
    ...readingTools.map((tool) => ({ ...tool, kind: reads })),
    ...actingTools.map((tool) => ({ ...tool, kind: acts })),
  ].map(({ name, kind, does }) => [
    `\`${name}\``,
    kind,
    language === "en" ? does : toolMeanings[name as ToolName],
  ]);
  return table(head, rows);
}
