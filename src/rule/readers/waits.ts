/** The waits of `retry`. */

import { type Sentence, say } from "../../sentence.ts";
import { formatDuration, parseDuration } from "../duration.ts";
import { gotOther, type Json } from "../json.ts";
import { complete } from "../setting-path.ts";
import type { Reader } from "./reader.ts";

const maxWaits = 50;

/** A list of waits such as `"5m"`, read as milliseconds. An empty list: no second attempt. */
export const waits: Reader<readonly number[]> = {
  schema: {
    type: "array",
    items: { type: "string", pattern: "^\\d{1,9}(ms|s|m|h)$" },
    maxItems: maxWaits,
  },
  read(value, path) {
    if (!Array.isArray(value) || value.length > maxWaits) {
      return path.problem(say`expected a list of at most ${maxWaits} waits such as ["5s", "5m", "2h"]`);
    }
    return complete(
      (value as readonly Json[]).map((item, index) => {
        const ms = typeof item === "string" ? parseDuration(item) : null;
        return (
          ms ??
          path
            .item(index)
            .problem(say`expected a wait such as "200ms", "5s", "5m" or "2h", ${gotOther(item)}`)
        );
      }),
    );
  },
};

/** A warning, as a sentence, about waits that outlast the retention of events; null if there is none. Milliseconds. */
export function retryWarning(ms: readonly number[], retentionMs: number): Sentence | null {
  const kept = say`longer than events are kept (${formatDuration(retentionMs)})`;
  const longest = Math.max(0, ...ms);
  if (longest > retentionMs) return say`waits ${formatDuration(longest)}, ${kept}`;
  const sum = ms.reduce((total, one) => total + one, 0);
  return sum > retentionMs
    ? say`waits ${formatDuration(sum)} in all, ${kept}: the last attempts never come`
    : null;
}
