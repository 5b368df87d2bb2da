/** Parts of the schemas of answers. A schema with a title is a component of that name in the document. */
import * as v from "valibot";

/** A point in time: ISO 8601, UTC, milliseconds. */
export const timestamp = v.pipe(v.string(), v.isoTimestamp());

/** A count, or another whole number. */
export const count = v.pipe(v.number(), v.integer());

export const described = <const Schema extends v.GenericSchema>(schema: Schema, description: string) =>
  v.pipe(schema, v.description(description));

/** An object that the document names. @param name in Pascal case, unique */
export const component = <const Entries extends v.ObjectEntries>(
  name: string,
  description: string,
  entries: Entries,
) => v.pipe(v.object(entries), v.title(name), v.description(description));

/** Where a list goes on; null at its end. */
export const nextCursor = described(v.nullable(v.string()), "Where the list goes on; null at its end.");

/** The shards whose part an answer lacks. */
export const missing = v.exactOptional(
  described(v.array(count), "The shards whose part is missing, by number. Absent where none is."),
);

/** Fields of a sum: silent shards have no part in it. */
export const gaps = {
  estimated: v.exactOptional(described(v.boolean(), "True where a shard does not answer.")),
  missing,
};

const milliseconds = v.nullable(v.number());

export const ruleLatency = component(
  "RuleLatency",
  "Of the last hour, milliseconds, to a fifth of the value; null without any. Deliveries: from receiving the event to the end of a first attempt that succeeded; retries and replays are left out. Verdicts: the time of the decision.",
  { p50: milliseconds, p99: milliseconds },
);

/** How many deliveries a replay has queued. */
export const queued = component("Queued", "How many deliveries were queued.", { queued: count, ...gaps });
