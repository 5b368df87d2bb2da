/** An export: a stream of lines, each the JSON of an event. */
import { ApiError, answerTo, notTheApi, reasonOf } from "./request.js";
import { searchOf } from "./search.js";

/** @import { Cancelling, EventDetail, ExportQuery } from "./index.d.ts" */
/** @import { Target } from "./request.js" */

/**
 * @param {Target} target
 * @param {ExportQuery} [query]
 * @param {Cancelling} [options]
 * @returns {AsyncGenerator<EventDetail, void, void>}
 */
export async function* exportedEvents(target, query, options) {
  for await (const line of exportedLines(target, query, options))
    yield/** @type {EventDetail} */ (target.parse(line));
}

const type = "application/x-ndjson";

/** How the line begins that tells why an export had to stop. An event begins with its id. */
const errorLine = '{"error":';

/**
 * @param {Target} target
 * @param {ExportQuery} [query]
 * @param {Cancelling} [options]
 * @returns {AsyncGenerator<string, void, void>}
 */
export async function* exportedLines(target, query = {}, { signal } = {}) {
  const patience = patienceOf(target.timeoutMs, signal);
  try {
    const address = `/api/export${searchOf(query)}`;
    const response = await answerTo(target, "GET", address, patience.signal);
    // The page of another server is no event.
    if (!response.headers.get("content-type")?.startsWith(type)) throw notTheApi(target, response);
    for await (const line of linesOf(response.body, patience)) {
      if (line.startsWith(errorLine)) {
        const { error } = /** @type {{ error: { code: string, message: string } }} */ (target.parse(line));
        throw new ApiError(error.code, error.message, { status: response.status });
      }
      yield line;
    }
  } catch (error) {
    throw reasonOf(target, error, signal);
  } finally {
    patience.end();
  }
}

/**
 * A signal that aborts when nothing has come for `ms`, or with `signal`.
 * @param {number} ms
 * @param {AbortSignal | undefined} signal
 */
function patienceOf(ms, signal) {
  const controller = new AbortController();
  const late = () => controller.abort(new DOMException("nothing came", "TimeoutError"));
  let timer = setTimeout(late, ms);
  return {
    signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
    pause: () => clearTimeout(timer),
    renew() {
      clearTimeout(timer);
      timer = setTimeout(late, ms);
    },
    /** Also ends a stream that is not read to its end. */
    end() {
      clearTimeout(timer);
      controller.abort();
    },
  };
}

/**
 * The lines of a stream that hold something. The time that the reader takes for a line is not counted.
 * @param {ReadableStream<Uint8Array> | null} stream
 * @param {ReturnType<typeof patienceOf>} patience
 */
async function* linesOf(stream, patience) {
  if (!stream) return;
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (let end = false; !end; ) {
    patience.renew();
    const { done, value } = await reader.read();
    patience.pause();
    end = done;
    const lines = (rest + decoder.decode(value, { stream: !done })).split("\n");
    rest = done ? "" : (lines.pop() ?? "");
    for (const line of lines) if (line !== "") yield line;
  }
}
