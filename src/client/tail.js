/** The live tail: a WebSocket whose frames are acknowledged when their lines have been taken. */
import { framesOf, refusalOf } from "./frames.js";
import { searchOf } from "./search.js";

/** @import { TailLine, TailOptions, TailQuery } from "./index.d.ts" */
/** @import { Target } from "./request.js" */

/** The gateway sends at most 64 frames that are not acknowledged. */
const purpose = { code: "tail_closed", noun: "tail", pingEveryMs: 30_000 };

/**
 * @param {Target} target
 * @param {TailQuery} [query]
 * @param {TailOptions} [options]
 * @returns {AsyncGenerator<TailLine, void, void>}
 */
export async function* tailLines(target, query = {}, { signal, onOpen } = {}) {
  signal?.throwIfAborted();
  const address = `/api/tail${searchOf(query)}`;
  const frames = framesOf(target, address, purpose);
  const stop = () => frames.fail(signal?.reason);
  signal?.addEventListener("abort", stop);
  try {
    await frames.opened.catch(async (error) => {
      signal?.throwIfAborted();
      throw await refusalOf(target, address, error);
    });
    onOpen?.();
    for (let count = 1; ; count++) {
      const text = await frames.next();
      yield* /** @type {TailLine[]} */ (target.parse(text));
      frames.send({ ack: count });
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    frames.close();
  }
}
