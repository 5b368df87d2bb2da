/** Verdicts in words: the refusals, how each rule decides, and where a rule on trial differs. */
import type { components } from "../../client/index.js";
import { counted } from "../counted.ts";
import { relativeTime, shortTime, timeOrDay, tookOf, tookWidth } from "../moment.ts";
import { bold, dim, say, screenWidth, stateOf } from "../screen.ts";
import { type Column, sayTable } from "../table.ts";
import { shortVerdict } from "../verdict.ts";
import type { Refusals, RefusedPart } from "./refusals.ts";

type Schemas = components["schemas"];

interface Period {
  since?: string | undefined;
  until?: string | undefined;
}

/** `since 02:00:00 (1h ago)`, `from 02:00:00 to 03:00:00` */
export function periodWords({ since, until }: Period, now: number): string {
  if (until === undefined)
    return since === undefined
      ? "in all that is kept"
      : `since ${timeOrDay(since, now)} (${relativeTime(since, now)})`;
  const end = timeOrDay(until, now);
  return since === undefined ? `before ${end}` : `from ${timeOrDay(since, now)} to ${end}`;
}

/** @param asked about how many before-callbacks there were; null: not known */
export function sayRefusals({ parts, since }: Refusals, period: Period, asked: number | null, now: number) {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  // Callbacks are counted by the minute, refusals exactly.
  const of = asked === null ? "" : ` of about ${counted(Math.max(asked, count), "before-callback")}`;
  const said = since === null ? `Refused ${count}${of}` : `Refused more than ${count}; the newest`;
  say(bold(`${said} ${periodWords(since === null ? period : { ...period, since }, now)}`));
  if (count > 0) sayTable(refusalColumns(now), parts, screenWidth());
}

function refusalColumns(now: number): Column<RefusedPart>[] {
  return [
    { title: "RULE", cell: ({ rule }) => rule ?? "", least: 10 },
    { title: "CODE", cell: ({ code }) => String(code), right: true },
    { title: "HOW", cell: ({ how }) => how },
    { title: "REFUSED", cell: ({ count }) => ({ text: String(count), style: "yellow" }), right: true },
    { title: "ACCOUNTS", cell: ({ accounts }) => String(accounts), right: true },
    { title: "LATEST", cell: ({ latest }) => timeOrDay(latest.receivedAt, now) },
    { title: "WORDS", cell: ({ words }) => words ?? "", least: 10, optional: true },
    { title: "EVENT", cell: ({ latest }) => latest.id, optional: true },
  ];
}

export function sayRules(rules: readonly Schemas["Rule"][]): void {
  say(dim("Counted since each rule has its name:"));
  sayTable(ruleColumns, rules, screenWidth());
  const problems = rules.flatMap((rule) => rule.problems);
  if (problems.length > 0) say();
  for (const problem of problems) say(problem);
}

const ruleColumns: Column<Schemas["Rule"]>[] = [
  { title: "RULE", cell: ({ name }) => name ?? "(no name)", least: 10 },
  { title: "KIND", cell: ({ kind }) => kind ?? "" },
  { title: "STATE", cell: ({ state }) => stateOf(state) },
  { title: "FITTED", cell: ({ fitted }) => String(fitted), right: true },
  { title: "VERDICTS", cell: ({ verdicts }) => countsOf(verdicts), least: 12 },
  { title: "P50", cell: ({ latency }) => tookOf(latency.p50), usual: tookWidth, right: true, optional: true },
  { title: "P99", cell: ({ latency }) => tookOf(latency.p99), usual: tookWidth, right: true, optional: true },
  { title: "SAYS", cell: ({ says }) => says ?? "", least: 20, optional: true },
];

function countsOf(verdicts: Readonly<Record<string, number>>): string {
  return Object.entries(verdicts)
    .map(([how, count]) => `${how} ${count}`)
    .join(", ");
}

/** Where a shadow rule differs from the verdicts. */
export function sayDiff(diff: Schemas["VerdictDiff"], period: Period, now: number): void {
  const { rule, since, agreed, differed, unanswered, differences } = diff;
  const silent = unanswered > 0 ? `, and came to none ${counted(unanswered, "time")}` : "";
  const looked = since === null ? period : { ...period, since };
  say(
    bold(`${rule} agreed with ${counted(agreed, "verdict")}, differed from ${differed}${silent}`),
    ` ${periodWords(looked, now)}`,
  );
  sayChanges(
    differences.map(({ shadow, ...one }) => ({ ...one, other: shadow })),
    differed,
    "SHADOW",
    now,
  );
}

/** A rule is tried on so many callbacks, as many as the gateway allows in one request. */
export const mostTried = 200;

/** The verdicts that a rule on trial would have changed. */
export function sayTrial(trial: Schemas["VerdictReplay"], period: Period, now: number): void {
  const { rule, since, events, changed, changes } = trial;
  const looked = since === null ? period : { ...period, since };
  say(
    bold(`${rule} fits ${counted(events, "before-callback")}, and would decide ${changed} of them otherwise`),
    ` ${periodWords(looked, now)}`,
  );
  sayChanges(
    changes.map(({ would, ...one }) => ({ ...one, other: would.code })),
    changed,
    "WOULD",
    now,
  );
  if (since !== null) say(dim(`the newest ${events}: --until tells of earlier ones`));
}

interface Change {
  event: string;
  command: string;
  receivedAt: string;
  code: number;
  other: number | null;
}

function sayChanges(changes: readonly Change[], count: number, title: string, now: number): void {
  if (changes.length === 0) return;
  const columns: Column<Change>[] = [
    { title: "TIME", cell: ({ receivedAt }) => shortTime(receivedAt, now), optional: true },
    { title: "ID", cell: ({ event }) => event },
    { title: "VERDICT", cell: ({ code }) => shortVerdict({ code, rule: null }) },
    { title, cell: ({ other }) => (other === null ? "" : shortVerdict({ code: other, rule: null })) },
    { title: "COMMAND", cell: ({ command }) => command, least: 20, optional: true },
  ];
  sayTable(columns, changes, screenWidth());
  if (count > changes.length) say(dim(`and ${count - changes.length} earlier ones`));
}
