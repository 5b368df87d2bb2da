/** The table of `docs/programs.md`: every command of `tim-relay`, as its help describes it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { sharedOptions } from "../cli/command.ts";
import { type CommandName, commands } from "../cli/commands.ts";
import { completeSummary } from "../cli/completion.ts";
import { root } from "../cli/root.ts";
import { type Language, pathIn } from "./language.ts";
import { table } from "./markdown.ts";
import { commandMeanings } from "./zh-CN/programs.ts";

/** The pages about what a command is for. */
const pages: Partial<Readonly<Record<CommandName, string>>> = {
  serve: "self-hosting.md",
  setup: "deploying.md",
  listen: "listening.md",
  erase: "privacy.md",
  doctor: "doctor.md",
  backup: "self-hosting.md",
  "rules check": "rules.md",
  mcp: "agents.md",
};

const words = {
  en: { head: ["Command", "Does", "Options"], aside: (link: string) => ` (${link})` },
  "zh-CN": { head: ["命令", "作用", "选项"], aside: (link: string) => `（${link}）` },
} as const;

export function programsTable(language: Language): string {
  const { head, aside } = words[language];
  const rows = leaves(commands as readonly CommandUnknownOpts[]).map(([name, command]) => {
    const does = language === "en" ? command.description() : commandMeanings[name];
    const page = pages[name];
    return [
      `\`${[name, argumentsOf(command)].join(" ").trimEnd()}\``,
      page === undefined ? does : `${does}${aside(`[${titleOf(pathIn(language, page))}](${page})`)}`,
      optionsOf(command).join(" "),
    ];
  });
  const completes = language === "en" ? completeSummary : commandMeanings.complete;
  return table(head, [...rows, ["`complete <shell>`", completes, ""]]);
}

/** Commands that have none of their own, by the words that call them. */
function leaves(
  all: readonly CommandUnknownOpts[],
  before = "",
): (readonly [CommandName, CommandUnknownOpts])[] {
  return all.flatMap((command) => {
    const name = `${before}${command.name()}`;
    return command.commands.length === 0
      ? [[name as CommandName, command] as const]
      : leaves(command.commands, `${name} `);
  });
}

const argumentsOf = (command: CommandUnknownOpts) => command.usage().replace(/^\[options\] ?/, "");

function optionsOf({ options }: CommandUnknownOpts): string[] {
  return options.flatMap(({ long }) => (long && !sharedOptions.includes(long) ? [`\`${long}\``] : []));
}

function titleOf(path: string): string {
  return /^# (.+)$/m.exec(readFileSync(join(root, path), "utf8"))![1]!;
}
