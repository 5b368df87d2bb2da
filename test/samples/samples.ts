/** Which check a sample has: a block by its language; a code span, if it is a command or a request. */
import { commandProblem, programs } from "./commands.ts";
import { requestProblem } from "./curl.ts";
import { environmentProblems, ignoreProblems } from "./files.ts";
import { jsonProblems } from "./json.ts";
import { memberProblem } from "./members.ts";
import { mermaidProblems } from "./mermaid.ts";
import { loneOptionProblem } from "./options.ts";
import { outputProblems } from "./output.ts";
import { type Block, type Page, type Place, pages, type Span } from "./pages.ts";
import { type Command, commandsOf } from "./shell.ts";
import { isTaken } from "./taken.ts";
import { commandNames } from "./tim-relay.ts";

export interface Problem extends Place {
  problem: string;
}

/** The mistakes in a text, by the language of its block. Those of `compiled` and `toml` are found by `samples.e2e.ts`. */
const byLanguage: Readonly<Record<string, (text: string) => readonly string[]>> = {
  json: (text) => jsonProblems("json", text),
  jsonc: (text) => jsonProblems("jsonc", text),
  text: outputProblems,
  mermaid: mermaidProblems,
  toml: () => [],
  ts: () => [],
  js: () => [],
};

/** The same for some kinds of files. */
const byEnding: typeof byLanguage = { ".env": environmentProblems, ".containerignore": ignoreProblems };

/** The mistakes of a page that can be found without another program. */
export function problemsOf(page: Page): Problem[] {
  return [
    ...page.blocks.filter(({ language }) => language !== "sh").flatMap(blockProblems),
    ...page.spans.flatMap(spanProblems),
    ...commandsIn(page).flatMap(({ command, ...place }) => {
      const problem = commandProblem(command, page);
      return problem === null ? [] : [{ ...place, problem: `${command.text}: ${problem}` }];
    }),
  ].sort((one, other) => one.line - other.line);
}

function blockProblems(block: Block): Problem[] {
  const { page, line, language, info, text } = block;
  if (isCheckedElsewhere(block)) return [];
  const [, ending] = / file=\S*(\.\w+)$/.exec(info) ?? [];
  const check = byEnding[ending ?? ""] ?? byLanguage[language];
  const problems = check?.(text) ?? [
    `no check takes a block of ${info || "no language"}: let a test take it by documentedBlocks("${page}", "${info}"), or add its language to test/samples/samples.ts`,
  ];
  return problems.map((problem) => ({ page, line, problem }));
}

/** The texts of the blocks that English pages have. */
const english = new Set(
  pages.filter(({ path }) => !path.includes("zh-CN")).flatMap(({ blocks }) => blocks.map(keyOf)),
);

function keyOf({ info, text }: Block): string {
  return `${info}\n${text}`;
}

/**
 * Whether another check has the block. `npm run check` compares the generated ones, and tests run those that they take.
 * A page in Chinese has the blocks of its English one.
 */
function isCheckedElsewhere(block: Block): boolean {
  return block.generated || isTaken(block) || (block.page.includes("zh-CN") && english.has(keyOf(block)));
}

/** Whether a block is a program that no test runs. */
export function needsCompiler(block: Block): boolean {
  return ["ts", "js"].includes(block.language) && !isCheckedElsewhere(block);
}

export interface PlacedCommand extends Place {
  command: Command;
}

/** The commands of a page: in its blocks of shell, and in its prose and tables. */
export function commandsIn(page: Page): PlacedCommand[] {
  const blocks = page.blocks
    .filter(({ language }) => language === "sh" || language === "console")
    .flatMap(({ language, line, text }) =>
      commandsOf(language === "console" ? typed(text) : text).map((command) => ({
        line: line + 1 + command.line,
        command,
      })),
    );
  const spans = page.spans
    .filter(isCommand)
    .flatMap(({ line, text }) => commandsOf(written(text)).map((command) => ({ line, command })));
  return [...blocks, ...spans].map((one) => ({ page: page.path, ...one }));
}

/** A transcript without the output, on the same lines. */
function typed(transcript: string): string {
  return transcript.replaceAll(/^(\$ )?(.*)$/gm, (_, prompt?: string, line = "") => (prompt ? line : ""));
}

function isCommand({ text }: Span): boolean {
  const [first = "", second] = text.split(" ");
  if (second === undefined) return false;
  return first === "export" ? /^\w+=/.test(second) : programs.includes(first) || isShort(text);
}

/** Whether it is a command of the program without its name, as tables have them: `pause NAME`, `events --since 2h`. */
function isShort(text: string): boolean {
  const [first = "", second = ""] = text.split(" ");
  return commandNames.includes(first) && /^(--?[a-z]|[A-Z]{2,}\b)/.test(second);
}

function written(text: string): string {
  return isShort(text) ? `tim-relay ${text}` : text;
}

/** The mistakes in an operation of the API, `GET /api/events`, an option, `--since 2h`, a member, `"sample": 0.1`. */
function spanProblems({ page, line, text }: Span): Problem[] {
  const [, method = "", path = ""] = /^(GET|POST|DELETE|PUT|PATCH) (\/\S*)$/.exec(text) ?? [];
  const problem =
    method === ""
      ? (loneOptionProblem(text) ?? memberProblem(text))
      : requestProblem({ method, path, body: null });
  return problem === null ? [] : [{ page, line, problem: `${text}: ${problem}` }];
}
