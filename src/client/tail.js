/** The live tail: a WebSocket whose frames are acknowledged when their lines have been taken. */
import { framesOf } from "./frames.js";
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
export async function* tailLines(target, query = {}, options) {
  let count = 0;
  for await (const { text, send } of framesOf(target, `/api/tail${searchOf(query)}`, purpose, options)) {
    yield* /** @type {TailLine[]} */ (target.parse(text));
    send({ ack: ++count });
  }
}
