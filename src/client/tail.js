/** The live tail: a WebSocket whose frames are acknowledged when their lines have been taken. */
import { ApiError, jsonOf } from "./request.js";
import { searchOf } from "./search.js";

/** @import { TailLine, TailOptions, TailQuery } from "./index.d.ts" */
/** @import { Target } from "./request.js" */

/** How often a connection is asked for a sign of life, milliseconds. It has as long to answer. */
const pingEveryMs = 30_000;

/**
 * @param {Target} target
 * @param {TailQuery} [query]
 * @param {TailOptions} [options]
 * @returns {AsyncGenerator<TailLine, void, void>}
 */
export async function* tailLines(target, query = {}, { signal, onOpen } = {}) {
  signal?.throwIfAborted();
  const address = `/api/tail${searchOf(query)}`;
  const frames = framesOf(target, address);
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
      frames.acknowledge(count);
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    frames.close();
  }
}

/**
 * The frames of a connection, kept until they are asked for. The gateway sends at most 64 that are not acknowledged.
 * @param {Target} target
 * @param {string} address
 */
function framesOf({ url, token, timeoutMs, WebSocket }, address) {
  if (!WebSocket)
    throw new TypeError(
      "this runtime has no WebSocket, as Node 20 has none: give connect() one, for example that of undici",
    );
  // The only way in which a browser can give a WebSocket a token.
  const protocols = token === null ? [] : [`bearer.${token}`];
  const socket = new WebSocket(url.replace(/^http/, "ws") + address, protocols);
  /** @type {string[]} */
  const frames = [];
  /** @type {{ error: unknown } | null} */
  let failure = null;
  let alive = true;
  let wake = () => {};
  let open = () => {};
  const opened = /** @type {Promise<void>} */ (
    new Promise((resolve, reject) => {
      open = () => resolve(undefined);
      wake = () => failure && reject(failure.error);
    })
  );

  /** @param {unknown} error */
  const fail = (error) => {
    failure ??= { error };
    wake();
  };
  /** @param {string} sentence */
  const lose = (sentence) => fail(new ApiError("tail_closed", sentence));

  const late = setTimeout(() => lose(`${url} has not answered within ${timeoutMs / 1000} s`), timeoutMs);
  const pings = setInterval(() => {
    if (!alive) lose(`${url} has been silent for a minute`);
    else if (socket.readyState === WebSocket.OPEN) {
      alive = false;
      socket.send("ping");
    }
  }, pingEveryMs);
  socket.addEventListener("open", () => {
    clearTimeout(late);
    open();
  });
  socket.addEventListener("message", ({ data }) => {
    alive = true;
    if (data === "pong") return;
    frames.push(data);
    wake();
  });
  socket.addEventListener("close", ({ code, reason }) =>
    lose(`${url} has ended the tail (${reason || `code ${code}`})`),
  );
  // Where a connection cannot be opened, Node tells nothing else.
  socket.addEventListener("error", () => lose(`${url} has refused or lost the tail`));

  return {
    opened,
    fail,
    /** The next frame. What came before the end of the connection is given first. */
    async next() {
      for (;;) {
        const frame = frames.shift();
        if (frame !== undefined) return frame;
        if (failure) throw failure.error;
        await /** @type {Promise<void>} */ (
          new Promise((resolve) => {
            wake = () => resolve(undefined);
          })
        );
      }
    },
    /** @param {number} count */
    acknowledge(count) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ ack: count }));
    },
    close() {
      clearTimeout(late);
      clearInterval(pings);
      socket.close();
    },
  };
}

/**
 * Why a tail was refused. A WebSocket does not tell; the same request without an upgrade does, as far as it comes.
 * @param {Target} target
 * @param {string} address
 * @param {unknown} error that of the connection
 */
async function refusalOf(target, address, error) {
  try {
    await jsonOf(target, "GET", address);
  } catch (refusal) {
    if (!(refusal instanceof ApiError && refusal.code === "upgrade_required")) return refusal;
  }
  return error;
}
