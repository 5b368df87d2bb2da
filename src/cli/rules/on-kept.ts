/** `rules test --last`: how many of the last events of a gateway each rule fits, and why it does not fit others. */
import { ApiError, type Client, type components } from "../../client/index.js";
import { parseExactly } from "../../verdict/exact-json.ts";
import { checkRules, type RuleSet } from "../check-rules.ts";
import { counted } from "../counted.ts";
import { sayMissing } from "../missing.ts";
import { dim, type Piece, remark, say, sayJson, sayText, screenWidth } from "../screen.ts";
import { type Column, sayTable } from "../table.ts";
import { setsOf } from "./sets.ts";

type Trials = components["schemas"]["RuleTrials"];
type Trial = components["schemas"]["RuleTrial"];
type Rules = { [key: string]: unknown }[];

/** An event that a rule does not fit, and the field that keeps it from that. */
interface Miss {
  rule: string;
  event: string;
  why: string;
}

/** @param file of rules; undefined: the rules of the gateway */
export async function tryOnKept(
  relay: Client,
  file: string | undefined,
  last: number,
  json: boolean,
): Promise<number> {
  const sets = file === undefined ? [{ set: null, title: null }] : setsOf(file);
  const tried = [];
  for (const { set, title } of sets) {
    const rules = set && rulesOf(set);
    if (rules === undefined) return 1;
    const body = { last, ...(rules && { rules }) };
    const trials = (await relay
      .post("/api/rules/test", { body })
      .catch((error) => refused(error, relay.url))) as Trials;
    const misses = await missesOf(relay, rules, trials);
    tried.push({ from: set?.from ?? relay.url, ...trials, misses });
    sayMissing(trials.missing);
    if (json) continue;
    if (title) sayText(title);
    sayTrials(trials, misses, rules !== null);
  }
  if (json) sayJson(tried);
  return 0;
}

/** The rules as the API takes them; undefined if there are mistakes, which are told. */
function rulesOf(set: RuleSet): Rules | undefined {
  const { mistakes } = checkRules(set);
  for (const mistake of mistakes) remark(mistake);
  if (mistakes.length > 0) return undefined;
  return set.sources.flatMap(({ value }) =>
    typeof value === "string" ? parseExactly(value || "[]") : (value ?? []),
  ) as Rules;
}

/** A mistake that the gateway finds, for example a secret that is not set there, is named by its path. */
function refused(error: unknown, url: string): never {
  if (!(error instanceof ApiError) || error.path === undefined) throw error;
  const { code, status, path, message } = error;
  throw new ApiError(code, `${path}: ${message}, says ${url}`, { status, path, cause: error });
}

/** Of so many of the latest events is asked why a rule does not fit. */
const asked = 20;

/** An example for each rule that does not fit all events, as far as one of the events asked about is one. */
async function missesOf(relay: Client, rules: Rules | null, { events, results }: Trials): Promise<Miss[]> {
  const open = new Set(results.filter(({ matches }) => matches < events).map(({ rule }) => rule));
  const misses: Miss[] = [];
  // Events that a rule fits no more say most.
  const ids = new Set(results.flatMap(({ removed }) => removed.examples.slice(0, 1)));
  if (open.size > 0)
    for (const { id } of (await relay.get("/api/events", { query: { limit: asked } })).events) ids.add(id);
  for (const id of [...ids].slice(0, asked)) {
    if (open.size === 0) break;
    for (const miss of await missesOn(relay, rules, id)) if (open.delete(miss.rule)) misses.push(miss);
  }
  return misses;
}

async function missesOn(relay: Client, rules: Rules | null, id: string): Promise<Miss[]> {
  const found = await relay.get("/api/events/{id}", { path: { id } });
  const { command, phase, app, clientIp, platform, receivedAt, body } = found;
  if (!body) return [];
  const event = { id, command, phase, app, clientIp, platform, receivedAt, body };
  const answer = await relay
    .post("/api/rules/test", { body: { event, ...(rules && { rules }) } })
    .catch((error) => {
      // A quarantined body may be none that rules can be tried on.
      if (error instanceof ApiError && error.code === "bad_event") return { results: [] };
      throw error;
    });
  return answer.results.flatMap((result) =>
    "failed" in result && result.failed ? [{ rule: result.rule, event: id, why: result.failed.why }] : [],
  );
}

/** @param compared the rules are others than the gateway's */
function sayTrials({ events, changed, results }: Trials, misses: readonly Miss[], compared: boolean): void {
  if (events === 0) {
    remark("the gateway keeps no event");
    return;
  }
  const share = (count: number) => `${((100 * count) / events).toFixed(1)} %`;
  const change = (sign: string, { events: count }: Trial["added"]): Piece =>
    count === 0 ? "0" : { text: sign + count, style: "yellow" };
  const columns: Column<Trial>[] = [
    { title: "RULE", cell: ({ rule }) => rule, least: 10 },
    { title: "FITS", cell: ({ matches }) => String(matches), right: true },
    { title: "SHARE", cell: ({ matches }) => share(matches), right: true },
    ...(compared ? changes(change) : []),
    { title: "FOR EXAMPLE", cell: ({ examples }) => examples[0] ?? "", optional: true },
  ];
  const differing = compared ? `: ${changed.events} would meet other rules` : "";
  say(`${counted(events, "event")} tried, the last that are kept${differing}`);
  sayTable(columns, results, screenWidth());
  for (const { rule, added, removed } of results) {
    if (added.examples[0] !== undefined && compared) say(`${rule} fits now `, dim(added.examples[0]));
    if (removed.examples[0] !== undefined && compared) say(`${rule} fits no more `, dim(removed.examples[0]));
  }
  for (const { rule, event, why } of misses) say(`${rule} does not fit `, dim(event), `: ${why}`);
}

function changes(change: (sign: string, of: Trial["added"]) => Piece): Column<Trial>[] {
  return [
    { title: "ADDED", cell: ({ added }) => change("+", added), right: true },
    { title: "REMOVED", cell: ({ removed }) => change("-", removed), right: true },
  ];
}
