/** An export over all shards, in the order of keeping. `shard/query/export.ts` makes its lines. */
import { log } from "../log.ts";
import { LogLimit } from "../log-limit.ts";
import { say } from "../sentence.ts";
import type { ExportQuery } from "../shard/query/export.ts";
import { leaveOut, mustAnswer, type Place, shardsWithout, silenceOf } from "./ask-each.ts";
import { mergedLines } from "./merged-lines.ts";
import { Refusal } from "./reply.ts";
import { shard } from "./shards.ts";

const failed = new LogLimit();

/**
 * The first `most` events that fit. Ends with a line of an error if a shard does not answer any more.
 * @param without shards that are left out
 */
export async function exported(
  query: Omit<ExportQuery, "from">,
  most: number,
  without: readonly number[],
  place: Place,
): Promise<ReadableStream<Uint8Array>> {
  const { env, config } = place;
  const indexes = await shardsWithout(without, place);
  const sources = indexes.map((index) => ({
    index,
    open: (from: number | null) => shard(env, config, index).export({ ...query, from }),
    mustAnswer: () => mustAnswer(place, index, "export"),
  }));
  const stopped = (error: unknown, { index }: { index: number }) => {
    failed.write(log.error, "export stopped", { shard: index, error: String(error) });
    const silent = error instanceof Refusal ? error.message : silenceOf(place, index, error);
    const advice = say`export the rest by \`since\`, the time of the last event above; or ${leaveOut([...without, index])}`;
    return JSON.stringify({ error: { code: "export_stopped", message: say`${silent}: ${advice}` } });
  };
  return mergedLines(sources, stopped, most);
}
