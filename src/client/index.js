/** A typed client of a gateway's API, for Node and browsers. It is plain JavaScript: Node strips no types below node_modules. */
import { exportedEvents, exportedLines } from "./export.js";
import { requestsOf } from "./listen.js";
import { pathPart } from "./path-part.js";
import { polled } from "./poll.js";
import { ApiError, jsonOf } from "./request.js";
import { searchOf } from "./search.js";
import { tailLines } from "./tail.js";

export { ApiError };

/** @import { Client, Options } from "./index.d.ts" */

/** @typedef {{ path?: Record<string, string>, query?: object, body?: unknown, signal?: AbortSignal }} Input */

/**
 * @param {Options} options
 * @returns {Client}
 */
export function connect({
  url,
  token = null,
  timeoutMs = 30_000,
  parse = JSON.parse,
  WebSocket = globalThis.WebSocket,
}) {
  const { protocol, origin, pathname } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") throw new TypeError(`${url} is no URL of http or https`);
  const target = { url: origin + pathname.replace(/\/+$/, ""), token, timeoutMs, parse, WebSocket };
  /** @param {string} method */
  const asking =
    (method) =>
    /**
     * @param {string} path
     * @param {Input} [input]
     */
    async (path, input = {}) =>
      jsonOf(target, method, addressOf(path, input), input);
  const get = asking("GET");
  const client = {
    url: target.url,
    get,
    post: asking("POST"),
    delete: asking("DELETE"),
    /**
     * @param {string} path
     * @param {Input} [input]
     */
    async *pages(path, input = {}) {
      for (let query = input.query; ; ) {
        const page = /** @type {{ cursor?: string | null }} */ (
          await get(path, { ...input, ...(query && { query }) })
        );
        yield page;
        if (typeof page.cursor !== "string") return;
        query = { ...input.query, cursor: page.cursor };
      }
    },
    export: exportedEvents.bind(null, target),
    exportLines: exportedLines.bind(null, target),
    poll: polled.bind(null, target),
    listen: requestsOf.bind(null, target),
    tail: tailLines.bind(null, target),
  };
  return /** @type {Client} */ (/** @type {unknown} */ (client));
}

/**
 * @param {string} path with its parameters in braces
 * @param {Input} input
 */
function addressOf(path, { path: parts = {}, query = {} }) {
  return path.replace(/\{(\w+)\}/g, (_, name) => pathPart(name, parts[name] ?? "")) + searchOf(query);
}
