/**
 * What receivers need at run time. CommonJS, which `import` and `require` both load, and plain JavaScript: Node strips
 * no types below node_modules.
 */
const { commands } = require("./commands.cjs");

exports.commands = commands;

/** Where a number may begin that a double does not hold. A text may look like that too, which costs time only. */
const mayBeTooLarge = /\d{16}|\d[eE]/;

/** The texts and the numbers of a JSON document. */
const textOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/** @type {typeof import("./index.cjs").parseExactly} */
function parseExactly(text) {
  const value = JSON.parse(text);
  if (!mayBeTooLarge.test(text)) return value;
  return JSON.parse(text.replace(textOrNumber, (part) => (isTooLarge(part) ? `"${part}"` : part)));
}

/** @param {string} part A text in its quotes is no number. */
function isTooLarge(part) {
  return Math.abs(Number(part)) > Number.MAX_SAFE_INTEGER;
}

const known = new Set(/** @type {readonly unknown[]} */ (commands));

/**
 * @param {unknown} value
 * @param {string[]} types
 */
function isEvent(value, ...types) {
  if (typeof value !== "object" || value === null) return false;
  const { type, timestamp, id, data } = /** @type {Record<string, unknown>} */ (value);
  const isWanted = types.length > 0 ? types.some((one) => one === type) : known.has(type);
  const isEnvelope = typeof timestamp === "string" && typeof id === "string";
  return isWanted && isEnvelope && typeof data === "object" && data !== null;
}

exports.parseExactly = parseExactly;
exports.isEvent = /** @type {typeof import("./index.cjs").isEvent} */ (isEvent);
