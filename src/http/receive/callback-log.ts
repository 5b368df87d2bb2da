/** The log's line of a callback: its command and id, the result, and the time it took. It never holds a body. */
import type { Event } from "../../callback/event.ts";
import { sentenceOf } from "../../callback/read-callback.ts";
import { log, samples } from "../../log.ts";
import { LogLimit } from "../../log-limit.ts";

/** Lines a second, of this isolate. A line takes some microseconds, and the platform bills each. */
const perSecond = new LogLimit(20, 1_000);

/** Lines of events that were quarantined or not kept: trouble, of which the log shows examples. */
const troubles = new LogLimit();

/** @param result `kept`, also of a duplicate, which its shard alone knows */
export function logCallback(
  { id, command, phase, receivedAt, verdict, issues }: Event,
  result: "kept" | "quarantined" | "not kept",
): void {
  if (result === "kept" && !samples(id)) return;
  const limit = result === "kept" ? perSecond : troubles;
  limit.write(log.info, "callback", {
    command,
    id,
    phase,
    result,
    ms: Date.now() - receivedAt,
    sentence: result === "quarantined" ? sentenceOf(command, issues) : undefined,
    ...(verdict && { code: verdict.code, how: verdict.how, rule: verdict.rule ?? undefined }),
  });
}
