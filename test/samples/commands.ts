/** One command of a document: its checker is chosen by the program's name. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../src/cli/root.ts";
import { settings } from "../../src/settings.ts";
import { requestOf, requestProblem } from "./curl.ts";
import { environment } from "./files.ts";
import { foreign } from "./foreign.ts";
import { npmProblem } from "./npm.ts";
import type { Page } from "./pages.ts";
import type { Command } from "./shell.ts";
import { programProblem } from "./tim-relay.ts";

/** The mistake in the arguments, or null. */
type Check = (args: readonly string[], page: Page, command: Command) => string | null;

/** `wrangler.e2e.ts` looks at these: to load wrangler takes a second. */
const elsewhere: Check = () => null;

const request: Check = (args) => {
  const made = requestOf(args);
  return "elsewhere" in made ? null : requestProblem(made);
};

/** Runs a file: of the project, or of the page. */
const file: Check = (args, page) => {
  const names = args.filter((word) => /^[\w./-]+\.\w+$/.test(word) && !word.startsWith("-"));
  const [name] = names.filter((one) => !/^[\d.]+$/.test(one));
  if (name === undefined)
    return args.includes("FILE") ? null : `expected the name of a file, got ${args.join(" ")}`;
  const isOfPage = page.blocks.some(({ info }) => info.endsWith(` file=${name}`));
  return isOfPage || existsSync(join(root, name))
    ? null
    : `${name} is no file of the project, nor of this page (file=${name})`;
};

const checks: Record<string, Check> = {
  npm: (args) => npmProblem(args),
  npx([program = "", ...args], page, command) {
    if (program === "tim-relay" || program === "wrangler" || program === "node")
      return args.length === 0 ? null : checks[program]!(args, page, command);
    return `npx ${program} is not known here: add it to test/samples/commands.ts`;
  },
  "tim-relay": (args) => programProblem(args),
  wrangler: elsewhere,
  curl: request,
  // A function of the page on operating: curl with the gateway's address and token.
  ask: ([path = "", ...args], ...others) => request([`$URL${path}`, ...args], ...others),
  node: file,
  java: file,
  php: file,
  python3: file,
  go: file,
  deno: file,
  bun: file,
  export(args, page) {
    const names = args.map((word) => word.split("=")[0]!);
    const unknown = names.filter(
      (name) => !(name in settings) && !environment.includes(name) && !page.text.includes(`$${name}`),
    );
    return unknown.length === 0
      ? null
      : `${unknown.join(", ")}: no setting, and no variable that the page uses`;
  },
  // They print their arguments; a substitution in them is a command of its own.
  echo: () => null,
  printf: () => null,
  date: ([form = ""]) => (/^\+[%\w:-]+$/.test(form) ? null : "expected a form, +%F"),
  openssl: (args) => (/^rand -(base64|hex) \d+$/.test(args.join(" ")) ? null : "expected rand -base64 N"),
  // Programs of every system, in a pipe behind one of the others.
  gzip: () => null,
  sha256sum: () => null,
  cut: () => null,
  cd: ([folder = ""]) =>
    // The checkout, as a page has cloned or named it.
    ["tim-relay", "/opt/tim-relay"].includes(folder) || existsSync(join(root, folder))
      ? null
      : `there is no folder ${folder}`,
  git: (args) =>
    /^(clone \S+\/tim-relay(\.git)?|pull|checkout \S+|add \S+|commit -m .+|push)$/.test(args.join(" "))
      ? null
      : "this use of git is not known here: add it to test/samples/commands.ts",
};

for (const { programs, forms, reason } of foreign)
  for (const program of programs)
    checks[program] = (_, _page, { text }) =>
      forms.some((form) => form.test(text.replace(/^sudo /, "")))
        ? null
        : `is not one of the forms of test/samples/foreign.ts. No test runs ${program}, because ${reason}`;

/** The first words by which a code span is a command. */
export const programs: readonly string[] = Object.keys(checks);

/** The mistake in a command, or null. */
export function commandProblem(command: Command, page: Page): string | null {
  const [program, ...args] = command.words;
  if (program === undefined) return checks.export!(command.assigned, page, command);
  const check = Object.hasOwn(checks, program) ? checks[program] : undefined;
  if (!check)
    return `no check knows ${program}: add it to test/samples/commands.ts, or to foreign.ts with the reason why no test can run it`;
  try {
    return check(args, page, command);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
