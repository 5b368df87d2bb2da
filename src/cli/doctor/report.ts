/** What the doctor says: a line for each check; below one with faults, each fault, what it means and how to mend it. */
import { counted } from "../counted.ts";
import { bold, dim, type Piece, say } from "../screen.ts";
import type { Result } from "./check.ts";

const signs: Readonly<Record<Result["state"], Piece>> = {
  ok: { text: "✔", style: "green" },
  warning: { text: "!", style: "yellow" },
  problem: { text: "✖", style: "red" },
  "not done": { text: "·", style: "dim" },
};

/** Prints all results, and a line that sums them up. Checks that were not done for the same reason share a line. */
export function sayResults(results: readonly Result[]): void {
  const width = Math.max(...results.map(({ check }) => check.name.length));
  const indent = " ".repeat(width + 4);
  const [done, undone] = [
    results.filter(({ state }) => state !== "not done"),
    results.filter(({ state }) => state === "not done"),
  ];
  for (const { check, state, says, faults } of done) {
    const name = check.name.padEnd(width);
    if (state === "ok") {
      say(signs.ok, ` ${name}  `, says);
      continue;
    }
    const [first, ...more] = faults.map((fault) => fault.says);
    say(signs[state], " ", bold(name), `  ${first}`);
    for (const fault of more) say(indent, fault);
    say(indent, dim(`means: ${check.means}`));
    say(indent, dim(`mend:  ${check.mend}`));
  }
  for (const [reason, group] of Map.groupBy(undone, ({ says }) => says))
    say(signs["not done"], dim(` not done: ${group.map(({ check }) => check.name).join(", ")}: ${reason}`));
  say();
  say(summaryOf(results));
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
