/** The report of the doctor: a line for each check, and below it each fault, its meaning and its remedy. */
import { counted } from "../counted.ts";
import { bold, dim, linesOf, type Piece, plain, say, screenWidth } from "../screen.ts";
import type { Result } from "./check.ts";

const signs: Readonly<Record<Result["state"], Piece>> = {
  ok: { text: "✔", style: "green" },
  warning: { text: "!", style: "yellow" },
  problem: { text: "✘", style: "red" },
  "not done": { text: "·", style: "dim" },
};

/** Prints all results, and a line that sums them up. Checks that were not done for the same reason share a line. */
export function sayResults(results: readonly Result[]): void {
  const names = Math.max(...results.map(({ check }) => check.name.length));
  const [done, undone] = [
    results.filter(({ state }) => state !== "not done"),
    results.filter(({ state }) => state === "not done"),
  ];
  for (const { check, state, says, faults } of done) {
    const [first = says, ...more] = faults.map((fault) => fault.says);
    const name = check.name.padEnd(names);
    sayBeside([signs[state], " ", state === "ok" ? name : bold(name), "  "], first);
    const space = [" ".repeat(names + 4)];
    for (const fault of more) sayBeside(space, fault);
    if (state === "ok") continue;
    sayBeside([...space, dim("means: ")], check.means);
    sayBeside([...space, dim("mend:  ")], check.mend);
  }
  for (const [reason, group] of Map.groupBy(undone, ({ says }) => says))
    sayBeside(
      [signs["not done"], " "],
      `not done: ${group.map(({ check }) => check.name).join(", ")}: ${reason}`,
    );
  say();
  say(summaryOf(results));
}

/** Prints a text beside a beginning. Lines that a terminal would break stay beside it. */
function sayBeside(beginning: readonly Piece[], text: string): void {
  const indent = beginning.reduce((sum, piece) => sum + plain(piece).length, 0);
  const [first = "", ...more] = linesOf(text, screenWidth() - indent);
  say(...beginning, first);
  for (const line of more) say(" ".repeat(indent), line);
}

function summaryOf(results: readonly Result[]): string {
  const of = (state: Result["state"]) => results.filter((one) => one.state === state).length;
  const found = `${counted(of("problem"), "problem")}, ${counted(of("warning"), "warning")}`;
  return `${counted(results.length, "check")}: ${of("ok")} fine, ${found}, ${of("not done")} not done`;
}

/** The same for programs. */
export function resultsJson(url: string, results: readonly Result[]) {
  return {
    url,
    state: stateOf(results),
    checks: results.map(({ check: { name, looksAt, means, mend }, state, says, faults }) => ({
      name,
      state,
      looksAt,
      ...(faults.length === 0 ? { says } : { faults, means, mend }),
    })),
  };
}

/** The worst of all. */
export function stateOf(results: readonly Result[]): "ok" | "warning" | "problem" {
  return (
    (["problem", "warning"] as const).find((state) => results.some((one) => one.state === state)) ?? "ok"
  );
}
