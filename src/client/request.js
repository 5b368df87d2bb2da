/** One request to a gateway. Each failure becomes an `ApiError`. */

/** @import { Options } from "./index.d.ts" */

/** @typedef {Required<Options>} Target Where requests go; its `url` has no slash at the end. */

export class ApiError extends Error {
  /**
   * @param {string} code
   * @param {string} sentence
   * @param {{ status?: number | null, path?: string | undefined, cause?: unknown }} [more]
   */
  constructor(code, sentence, { status = null, path, cause } = {}) {
    super(sentence, { cause });
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.path = path;
  }
}

/**
 * The answer of an operation that has succeeded.
 * @param {Target} target
 * @param {string} method
 * @param {string} address path and query
 * @param {AbortSignal} signal
 * @param {unknown} [body] sent as JSON
 * @returns {Promise<Response>}
 */
export async function answerTo(target, method, address, signal, body) {
  const { url, token } = target;
  const headers = {
    ...(token !== null && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { "content-type": "application/json" }),
  };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  // A redirect leads away from the API, for example to a page for signing in, and would carry the token along.
  const response = await fetch(url + address, { method, headers, redirect: "manual", signal, ...sent });
  if (response.ok) return response;
  throw failureOf(target, response, await response.text());
}

/**
 * The JSON of an operation that has succeeded.
 * @param {Target} target
 * @param {string} method
 * @param {string} address
 * @param {{ body?: unknown, signal?: AbortSignal | undefined }} [options]
 */
export async function jsonOf(target, method, address, { body, signal } = {}) {
  const limit = AbortSignal.timeout(target.timeoutMs);
  const ends = signal ? AbortSignal.any([signal, limit]) : limit;
  try {
    const response = await answerTo(target, method, address, ends, body);
    const text = await response.text();
    const type = response.headers.get("content-type") ?? "";
    if (type.startsWith("text/plain")) return text;
    return parsed(target, text) ?? raise(notTheApi(target, response));
  } catch (error) {
    throw reasonOf(target, error, signal);
  }
}

/**
 * The error that a caller sees.
 * @param {Target} target
 * @param {unknown} error
 * @param {AbortSignal | undefined} signal the caller's own
 */
export function reasonOf({ url, timeoutMs }, error, signal) {
  if (signal?.aborted) return signal.reason;
  if (error instanceof ApiError || !(error instanceof Error)) return error;
  if (error.name === "TimeoutError")
    return new ApiError("timeout", `${url} has not answered within ${timeoutMs / 1000} s`, { cause: error });
  const cause = /** @type {Error & { code?: string }} */ (error.cause ?? error);
  return new ApiError("unreachable", unreachable(url, cause), { cause: error });
}

/** @type {Readonly<Record<string, (url: string) => string>>} */
const obstacles = {
  ECONNREFUSED: (url) => `nothing listens on ${url}`,
  ENOTFOUND: (url) => `the name ${new URL(url).hostname} is not known`,
  EAI_AGAIN: (url) => `the name ${new URL(url).hostname} cannot be looked up now`,
  ECONNRESET: (url) => `${url} broke the connection off`,
  UND_ERR_SOCKET: (url) => `${url} broke the connection off`,
};

/**
 * @param {string} url
 * @param {Error & { code?: string }} cause
 */
function unreachable(url, { code = "", message }) {
  return obstacles[code]?.(url) ?? `${url} cannot be reached: ${message || code || "the reason is not told"}`;
}

/**
 * @param {Target} target
 * @param {Response} response
 * @param {string} text
 */
function failureOf(target, response, text) {
  const { error } = /** @type {{ error?: Record<string, string> }} */ (parsed(target, text) ?? {});
  if (typeof error?.code !== "string" || typeof error.message !== "string")
    return notTheApi(target, response);
  return new ApiError(error.code, error.message, { status: response.status, path: error.path });
}

/**
 * @param {Target} target
 * @param {Response} response
 */
export function notTheApi({ url }, { status, headers }) {
  const type = headers.get("content-type")?.split(";")[0] ?? "no content type";
  const place = headers.get("location");
  const answer = place ? `${status}, which leads to ${place}` : `${status} and ${type}`;
  return new ApiError(
    "not_the_api",
    `${url} answered ${answer}, and not as a gateway does: it is another server, or a proxy stands before it`,
    { status },
  );
}

/**
 * JSON of an object or a list; null if the text is none.
 * @param {Target} target
 * @param {string} text
 */
function parsed({ parse }, text) {
  try {
    const value = parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

/**
 * @param {Error} error
 * @returns {never}
 */
function raise(error) {
  throw error;
}
