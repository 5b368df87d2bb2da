/** A part of an address that a caller has given. */
import { ApiError } from "./request.js";

/**
 * Throws for a part that would lead to another address: an empty one, or dots, which URLs resolve.
 * @param {string} name of the parameter
 * @param {string} value
 */
export function pathPart(name, value) {
  if (/^\.{0,2}$/.test(value))
    throw new ApiError(`bad_${name}`, `${name}: expected one, got ${JSON.stringify(value)}`);
  return encodeURIComponent(value);
}
