/** The settings `FORWARD_RULES…` go in; rules, names that wait and problems come out. */
import type { Event, Issue } from "../callback/event.ts";
import { isObject, type Json, type JsonObject, parseJson, show } from "./json.ts";
import {
  defaultRetryMs,
  type Key,
  type Kind,
  keys,
  namePattern,
  type RuleContext,
  retryWarning,
} from "./keys.ts";
import { compilePattern, type Pattern } from "./pattern.ts";
import { type Place, placeAt } from "./place.ts";
import type { AnswerRule, AskRule, ForwardRule, Rule } from "./rule.ts";
import { viewFields, viewOf } from "./view.ts";
import { fitsWildcard } from "./wildcard.ts";

export interface RuleBook {
  /** The rules that are right, in their order. */
  rules: Rule[];
  /** Names of forward rules that are wrong, and of those that share one: their events wait in the log. */
  waiting: string[];
  /** What makes rules wrong, by path: `FORWARD_RULES[1].match.body.Type[0]`. */
  mistakes: Issue[];
  /** All of it and what is merely unwise, as sentences: `FORWARD_RULES[1].match.body.Type[0]: …`. */
  problems: string[];
}

export interface RuleSource {
  /** Of the variable, `FORWARD_RULES_2`. */
  name: string;
  /** Its text, or the JSON value that the platform made of it. */
  value: unknown;
}

/** A wrong rule never stops the others, and all its mistakes are named. */
export function parseRules(sources: readonly RuleSource[], context: RuleContext): RuleBook {
  const mistakes: Issue[] = [];
  const warnings: string[] = [];
  const say = (path: string, message: string) => mistakes.push({ path, message });
  const entries = sources.flatMap(({ name, value }) => readSource(value, placeAt(name, say)));

  const named = Map.groupBy(entries, ({ name }) => name);
  const shared = (name: string | null) => name !== null && named.get(name)!.length > 1;
  for (const [name, namesakes] of named) {
    if (name === null) continue;
    const first = namesakes[0]!.path;
    for (const { path } of namesakes.slice(1))
      say(`${path}.name`, `"${name}" is also the name of ${first}; both wait`);
  }

  const read = entries.map((entry) => {
    let wrong = shared(entry.name);
    const place = placeAt(entry.path, (path, message) => {
      wrong = true;
      say(path, message);
    });
    const rule = readRule(entry.value, place, context);
    if (rule?.kind === "forward" && !wrong) {
      const warning = retryWarning(rule.retryMs, context.retentionMs);
      if (warning !== null) warnings.push(`${entry.path}.retry: ${warning}`);
    }
    return { ...entry, rule: wrong ? undefined : rule };
  });

  const waiting = read.filter(
    ({ rule, name, value }) => rule === undefined && name !== null && mayForward(value),
  );
  return {
    rules: read.flatMap(({ rule }) => rule ?? []),
    waiting: [...new Set(waiting.map(({ name }) => name!))],
    mistakes,
    problems: [...mistakes.map(({ path, message }) => `${path}: ${message}`), ...warnings],
  };
}

interface Entry {
  path: string;
  value: Json;
  /** Null if it cannot be read. */
  name: string | null;
}

function readSource(value: unknown, place: Place): Entry[] {
  if (value === undefined || value === null || value === "") return [];
  let list = value as Json;
  if (typeof value === "string") {
    try {
      list = parseJson(value);
    } catch (error) {
      // The engine's message quotes the text, which may hold secrets.
      const [, position] = /position (\d+)/.exec(String(error)) ?? [];
      const where = position === undefined ? "" : ` (see character ${Number(position) + 1})`;
      place.problem(`is not JSON${where}: none of its rules can be read, and no event waits for them`);
      return [];
    }
  }
  if (!Array.isArray(list)) {
    place.problem(`must be an array of rules, is ${isObject(list) ? "an object" : `a ${typeof list}`}`);
    return [];
  }
  return list.map((entry: Json, index) => ({
    path: place.item(index).path,
    value: entry,
    name:
      isObject(entry) && typeof entry.name === "string" && namePattern.test(entry.name) ? entry.name : null,
  }));
}

const kindKeys = { url: "forward", ask: "ask", answer: "answer" } as const satisfies Record<string, Kind>;

/** In doubt a wrong rule was meant to forward: waiting loses nothing. */
function mayForward(value: Json): boolean {
  return (
    isObject(value) &&
    (Object.hasOwn(value, "url") || !(Object.hasOwn(value, "ask") || Object.hasOwn(value, "answer")))
  );
}

function readRule(value: Json, place: Place, context: RuleContext): Rule | undefined {
  if (!isObject(value)) return place.problem(`must be an object, is ${show(value)}`);
  const kinds = Object.entries(kindKeys).filter(([name]) => Object.hasOwn(value, name));
  const kind = kinds.length === 1 ? kinds[0]![1] : null;
  if (kind === null) place.problem("must hold exactly one of url (forward), ask and answer");

  for (const name of Object.keys(value)) {
    const known =
      name === "match" ? null : Object.hasOwn(keys, name) ? keys[name as keyof typeof keys] : undefined;
    if (known === undefined) place.key(name).problem("is not a key of a rule");
    else if (known !== null && kind !== null && !known.kinds.includes(kind)) {
      place
        .key(name)
        .problem(
          `belongs to ${known.kinds.map((one) => `${one} rules`).join(" and ")}; this rule has ${kindName(kind)}`,
        );
    }
  }

  const read = <Value>(
    name: keyof typeof keys,
    { kinds: of, read: reads }: Key<Value>,
  ): Value | undefined => {
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    if (given === undefined || (kind !== null && !of.includes(kind))) return undefined;
    return reads(given, place.key(name), context);
  };

  if (!Object.hasOwn(value, "name")) place.key("name").problem("is missing");
  const on = read("on", keys.on);
  const match = value.match === undefined ? null : readMatch(value.match, place.key("match"));
  const selection = {
    name: read("name", keys.name) ?? "",
    enabled: read("enabled", keys.enabled) ?? true,
    ...selects(on ?? null, match ?? null),
  };
  const url = read("url", keys.url);
  const asks = read("ask", keys.ask);
  const answer = read("answer", keys.answer);
  const secrets = read("secret", keys.secret) ?? [];
  const headers = read("headers", keys.headers) ?? {};
  const format = read("format", keys.format) ?? "event";
  const forward: ForwardRule = {
    ...selection,
    kind: "forward",
    url: url ?? "",
    secrets,
    headers,
    timeoutMs: read("timeoutMs", keys.timeoutMs) ?? 10_000,
    retryMs: read("retry", keys.retry) ?? defaultRetryMs,
    order: read("order", keys.order) ?? "none",
    concurrency: read("concurrency", keys.concurrency) ?? 5,
    ratePerSecond: read("ratePerSecond", keys.ratePerSecond) ?? null,
    format,
    callbackToken: read("callbackToken", keys.callbackToken) ?? null,
    batch: read("batch", keys.batch) ?? null,
  };
  const ask: AskRule = {
    ...selection,
    kind: "ask",
    asks: asks ?? [],
    secrets,
    headers,
    deadlineMs: read("deadlineMs", keys.deadlineMs) ?? 1200,
    otherwise: read("otherwise", keys.otherwise) ?? "allow",
    shadow: read("shadow", keys.shadow) ?? false,
    combine: read("combine", keys.combine) ?? "first-refusal",
  };
  const reply: AnswerRule = {
    ...selection,
    kind: "answer",
    answer: answer ?? {},
    replace: read("replace", keys.replace) ?? [],
  };

  if (kind === "forward" && Object.hasOwn(value, "callbackToken") && format !== "raw") {
    place.key("callbackToken").problem('goes with "format": "raw" only');
  }
  if (kind === "forward" && Object.hasOwn(value, "batch") && format === "raw") {
    place.key("batch").problem('does not go with "format": "raw"');
  }
  return kind === null ? undefined : { forward, ask, answer: reply }[kind];
}

function kindName(kind: Kind): string {
  return Object.entries(kindKeys).find(([, one]) => one === kind)![0];
}

function readMatch(value: Json, place: Place): Pattern | undefined {
  const unknown = fieldsOf(value).filter(
    ([name]) => !(viewFields as readonly string[]).includes(name.split(".")[0]!),
  );
  for (const [name, at] of unknown) {
    at(place).problem(`is not a field that match sees: expected one of ${viewFields.join(", ")}`);
    void name;
  }
  return compilePattern(value, place);
}

/** The fields at the top of a pattern, those inside `$or` included. */
function fieldsOf(value: Json): [name: string, at: (place: Place) => Place][] {
  if (!isObject(value)) return [];
  return Object.entries(value as JsonObject).flatMap(([name, inner]): [string, (place: Place) => Place][] => {
    if (name !== "$or") return [[name, (place) => place.key(name)]];
    if (!Array.isArray(inner)) return [];
    return (inner as readonly Json[]).flatMap((item, index) =>
      fieldsOf(item).map(([field, at]): [string, (place: Place) => Place] => [
        field,
        (place) => at(place.key("$or").item(index)),
      ]),
    );
  });
}

function selects(on: readonly string[] | null, match: Pattern | null): Pick<Rule, "wants" | "explain"> {
  const wildcards = on?.map((command) => command.split("*")) ?? null;
  const fitsOn = (event: Event) =>
    wildcards === null || wildcards.some((wildcard) => fitsWildcard(wildcard, event.command));
  return {
    wants: (event) => fitsOn(event) && (match === null || match.fits(viewOf(event))),
    explain: (event) =>
      fitsOn(event)
        ? (match?.explain(viewOf(event)) ?? null)
        : { field: "command", found: show(event.command), expected: on!.join(" or ") },
  };
}
