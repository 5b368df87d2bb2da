/** An export over all shards, in the order of keeping. `shard/query/export.ts` makes its lines. */
import type { Config } from "../config.ts";
import { log } from "../log.ts";
import { LogLimit } from "../log-limit.ts";
import type { ExportQuery } from "../shard/query/export.ts";
import { mergedLines } from "./merged-lines.ts";
import { shard, shardCount } from "./shards.ts";

const failed = new LogLimit();

/** The first `most` events that fit. Ends with a line of an error if a shard does not answer any more. */
export async function exported(
  query: Omit<ExportQuery, "from">,
  most: number,
  env: Env,
  config: Config,
): Promise<ReadableStream<Uint8Array>> {
  const length = await shardCount(env, config);
  const sources = Array.from(
    { length },
    (_, index) => (from: number | null) => shard(env, config, index).export({ ...query, from }),
  );
  const stopped = (error: unknown) => {
    failed.write(log.error, "export stopped", { error: String(error) });
    const message = "a shard does not answer: export the rest by `since`, the time of the last event above";
    return JSON.stringify({ error: { code: "export_stopped", message } });
  };
  return mergedLines(sources, stopped, most);
}
