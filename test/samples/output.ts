/** Texts that the gateway and its program write, as documents show them: each is held against the part that writes it. */
import { checks } from "../../src/cli/doctor/checks.ts";
import { lineOf, logLevels } from "../../src/log.ts";

interface Form {
  /** Whether a text is of this form, by its first line. */
  begins: RegExp;
  problems: (lines: readonly string[]) => string[];
}

const forms: readonly Form[] = [
  // The log, with LOG_FORMAT set to text.
  { begins: /^\d{4}-\d\d-\d\dT[\d:.]+Z \w+ /, problems: (lines) => lines.flatMap(logProblem) },
  // The report of `tim-relay doctor`. It may leave checks out.
  { begins: /^[✔✘!·] /, problems: doctorProblems },
  // The name of a file in a bucket of R2.
  {
    begins: /\.ndjson\.gz$/,
    problems: (lines) =>
      lines.filter(
        (line) =>
          !/^[\w/]+\/\d{4}\/\d\d\/\d\d\/\d\d\/\d+-evt_[0-9a-z]+-\d+-[0-9a-f]{8}\.ndjson\.gz$/.test(line),
      ),
  },
];

export function outputProblems(text: string): string[] {
  const lines = text.trimEnd().split("\n");
  const form = forms.find(({ begins }) => begins.test(lines[0]!));
  return (
    form?.problems(lines) ?? [
      'is no output that test/samples/output.ts knows: add its form there, or let a test take it by documentedBlocks("docs/…", "text")',
    ]
  );
}

/** `…` stands for fields that are left out. */
function logProblem(shown: string): string[] {
  const line = shown.replace(" … ", " ").replaceAll("…", "x");
  const [, time = "", level = "", at = "", rest = ""] =
    /^(\S+) (\w+) +(\w[\w ]*?)(( \w+=).*)$/.exec(line) ?? [];
  const fields = [...rest.matchAll(/ (\w+)=("(?:\\.|[^"\\])*"|\S+)/g)].map(([, name, value = ""]) => [
    name,
    /^["\d]/.test(value) ? JSON.parse(value) : value,
  ]);
  const known = logLevels.find((one) => one === level);
  const written = known && lineOf({ ...Object.fromEntries(fields), time, level: known, at }, "text", null);
  return written === line ? [] : [`the log would write: ${written}`];
}

function doctorProblems(lines: readonly string[]): string[] {
  const [sum = "", ...results] = lines.filter((line) => line !== "" && !line.startsWith("  ")).reverse();
  const names = checks.map(({ name }) => name);
  const unknown = results.filter(
    (line) =>
      !names.some((name) => line.slice(2).startsWith(`${name} `) || line.startsWith(`· not done: ${name}`)),
  );
  const [all = 0, ...states] = (sum.match(/\d+/g) ?? []).map(Number);
  return [
    ...unknown.map((line) => `there is no such check: ${line}`),
    ...(all === checks.length ? [] : [`there are ${checks.length} checks: ${sum}`]),
    ...(states.reduce((total, one) => total + one, 0) === all ? [] : [`the states do not sum up: ${sum}`]),
  ];
}
