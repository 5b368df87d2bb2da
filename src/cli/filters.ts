/** The filters of events as options. They come from the API: a filter added there is an option here. */
import { Option } from "commander";
import api from "../../docs/openapi.json" with { type: "json" };
import type { EventQuery, ExportQuery, TailQuery } from "../client/index.js";
import { expectedMoment, parseMoment } from "../rule/when.ts";
import { Misuse } from "./failure.ts";

/** The operations whose query can be given as options. */
interface Queries {
  "/api/events": EventQuery;
  "/api/export": ExportQuery;
  "/api/tail": TailQuery;
}

type Filtered = keyof Queries;

interface Parameter {
  name: string;
  description?: string;
  schema: { type?: string; enum?: readonly string[] };
}

/** Paging is the program's affair, and periods have a form of their own. */
const apart = ["limit", "cursor", "since", "until"];

/** An option for each filter of an operation. */
export function filterOptions(path: Filtered): Option[] {
  const parameters: readonly Parameter[] = api.paths[path].get.parameters;
  const filters = parameters
    .filter(({ name }) => !apart.includes(name))
    .map(({ name, description = "", schema }) => {
      const option = new Option(`--${name} <${name}>`, sentenceOf(description));
      return schema.enum ? option.choices([...schema.enum]) : option;
    });
  const since = new Option("--from, --since <when>", "from then on: 2h, 02:00, yesterday 14:00, a date");
  const until = new Option("--until <when>", "before then; a time of day is the first one after --since");
  return [...filters, since, ...(parameters.some(({ name }) => name === "until") ? [until] : [])];
}

/** A description within a list of options: without Markdown and without the full stop at its end. */
function sentenceOf(description: string): string {
  const text = description.replaceAll("`", "").replace(/\.$/, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** The query that the values of `filterOptions` ask for. @throws Misuse */
export function queryOf<Path extends Filtered>(path: Path, values: object, now: number): Queries[Path] {
  const given = values as Readonly<Record<string, string | undefined>>;
  const parameters: readonly Parameter[] = api.paths[path].get.parameters;
  const names = parameters.map(({ name }) => name).filter((name) => !apart.includes(name));
  const filters = Object.fromEntries(names.map((name) => [name, given[name]]).filter(([, value]) => value));
  return { ...filters, ...periodOf(given, now) };
}

/** A period as the API takes it. @throws Misuse if a time is none, or the period is empty */
export function periodOf(
  { since, until }: { since?: string | undefined; until?: string | undefined },
  now: number,
): { since?: string; until?: string } {
  const from = since === undefined ? undefined : momentOf("--since", since, now);
  const to = until === undefined ? undefined : momentOf("--until", until, now, from);
  if (from !== undefined && to !== undefined && to <= from)
    throw new Misuse(`--until: expected a time after --since, got ${JSON.stringify(until)}`);
  return {
    ...(from !== undefined && { since: new Date(from).toISOString() }),
    ...(to !== undefined && { until: new Date(to).toISOString() }),
  };
}

function momentOf(option: string, text: string, now: number, after?: number): number {
  const ms = parseMoment(text, now, after);
  if (ms === null) throw new Misuse(`${option}: ${expectedMoment}, got ${JSON.stringify(text)}`);
  return ms;
}
