/** The tables of `docs/agents.md`: every tool of `tim-relay mcp`. */

import type { Tool } from "../cli/mcp/tool.ts";
import { actingTools, readingTools } from "../cli/mcp/tools.ts";
import { table } from "./markdown.ts";

export function toolsTable(): string {
  const rows = (tools: readonly Tool[], kind: string) =>
    tools.map(({ name, does }) => [`\`${name}\``, kind, does]);
  return table(["Tool", "It", "Does"], [...rows(readingTools, "reads"), ...rows(actingTools, "acts")]);
}
