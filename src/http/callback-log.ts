/** The log's line of a callback: which it is, what became of it, and in what time. It never holds a body. */
import type { Event } from "../callback/event.ts";
import { log } from "../log.ts";
import { LogLimit } from "../log-limit.ts";

/** Lines a second, of this isolate. A line takes some microseconds, and the platform bills each. */
const perSecond = new LogLimit(20, 1_000);

/** @param result `kept`, also of a duplicate, which its shard alone knows */
export function logCallback(
  { id, command, phase, receivedAt, verdict }: Event,
  result: "kept" | "quarantined" | "not kept",
): void {
  perSecond.write(log.info, "callback", {
    command,
    id,
    phase,
    result,
    ms: Date.now() - receivedAt,
    ...(verdict && { code: verdict.code, how: verdict.how, rule: verdict.rule ?? undefined }),
  });
}
