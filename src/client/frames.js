/** A WebSocket of the gateway: its frames, its signs of life, and the reason why it was refused. */
import { ApiError, jsonOf } from "./request.js";

/** @import { TailOptions } from "./index.d.ts" */
/** @import { Target } from "./request.js" */

/**
 * A frame, and the function that sends another over its connection, as JSON.
 * @typedef {{ text: string, send: (frame: object) => void }} Frame
 */

/**
 * A connection for a purpose.
 * @typedef {object} Purpose
 * @property {string} code of the errors by which it ends
 * @property {string} noun within a sentence
 * @property {number} pingEveryMs how often it is asked for a sign of life, milliseconds: it has as long to answer
 */

/**
 * The frames of a connection, one after another. It is open while they are asked for.
 * @param {Target} target
 * @param {string} address
 * @param {Purpose} purpose
 * @param {TailOptions} [options]
 * @returns {AsyncGenerator<Frame, never, void>}
 */
export async function* framesOf(target, address, purpose, { signal, onOpen } = {}) {
  signal?.throwIfAborted();
  const connection = connectionOf(target, address, purpose);
  const stop = () => connection.fail(signal?.reason);
  signal?.addEventListener("abort", stop);
  try {
    await connection.opened.catch(async (error) => {
      signal?.throwIfAborted();
      throw await refusalOf(target, address, error);
    });
    onOpen?.();
    for (;;) yield { text: await connection.next(), send: connection.send };
  } finally {
    signal?.removeEventListener("abort", stop);
    connection.close();
  }
}

/**
 * A connection whose frames are kept until they are asked for.
 * @param {Target} target
 * @param {string} address
 * @param {Purpose} purpose
 */
function connectionOf({ url, token, timeoutMs, WebSocket }, address, { code: name, noun, pingEveryMs }) {
  if (!WebSocket)
    throw new TypeError(
      "this runtime has no WebSocket, as Node 20 has none: give connect() one, for example that of undici",
    );
  const socket = new WebSocket(url.replace(/^http/, "ws") + address, credentials(token));
  const frames = inbox();
  let open = () => {};
  /** @type {(error: unknown) => void} */
  let refuse = () => {};
  const opened = /** @type {Promise<void>} */ (
    new Promise((resolve, reject) => {
      open = () => resolve(undefined);
      refuse = reject;
    })
  );
  /** @param {unknown} error */
  const fail = (error) => {
    refuse(error);
    frames.fail(error);
  };
  /** @param {string} sentence */
  const lose = (sentence) => fail(new ApiError(name, sentence));

  const late = setTimeout(() => lose(`${url} has not answered within ${timeoutMs / 1000} s`), timeoutMs);
  let alive = true;
  const pings = setInterval(() => {
    if (!alive) lose(`${url} has been silent for ${(2 * pingEveryMs) / 1000} s`);
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
    if (data !== "pong") frames.push(data);
  });
  socket.addEventListener("close", ({ code, reason }) =>
    lose(`${url} has ended the ${noun} (${reason || `code ${code}`})`),
  );
  // Where a connection cannot be opened, Node tells nothing else.
  socket.addEventListener("error", () => lose(`${url} has refused or lost the ${noun}`));

  return {
    opened,
    fail,
    next: frames.next,
    /** @param {object} frame sent as JSON, while the connection is open */
    send(frame) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
    },
    close() {
      clearTimeout(late);
      clearInterval(pings);
      socket.close();
    },
  };
}

/** Frames that are kept until they are asked for. */
function inbox() {
  /** @type {string[]} */
  const frames = [];
  /** @type {{ error: unknown } | null} */
  let failure = null;
  let wake = () => {};
  return {
    /** @param {string} frame */
    push(frame) {
      frames.push(frame);
      wake();
    },
    /** @param {unknown} error */
    fail(error) {
      failure ??= { error };
      wake();
    },
    /** The next frame. Frames from before a failure are given first. */
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
  };
}

/**
 * How a token is given. A browser can only give it as a subprotocol, whose characters a rule's secret does not have.
 * Node's WebSocket takes a header.
 * @param {string | null} token
 */
function credentials(token) {
  if (token === null) return [];
  if (/^[\w.~-]+$/.test(token)) return [`bearer.${token}`];
  return /** @type {string[]} */ (/** @type {unknown} */ ({ headers: { authorization: `Bearer ${token}` } }));
}

/**
 * Why a connection was refused. A WebSocket does not tell; the same request without an upgrade does, as far as it comes.
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
