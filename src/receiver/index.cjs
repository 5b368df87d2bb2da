/**
 * The functions for receivers. The file is CommonJS, which `import` and `require` both load, and plain JavaScript, because
 * Node strips no types below node_modules.
 */
const { commands } = require("./commands.cjs");

exports.commands = commands;

/** The start of a number that a double may not hold. A text can match too, which costs time only. */
const mayBeTooLarge = /\d{16}|\d[eE]/;

/** All text and number literals of a JSON document. */
const textOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/** @type {typeof import("./index.cjs").parseExactly} */
function parseExactly(text) {
  const value = JSON.parse(text);
  if (!mayBeTooLarge.test(text)) return value;
  return JSON.parse(text.replace(textOrNumber, (part) => (isTooLarge(part) ? `"${part}"` : part)));
}

/** @param {string} part A number literal, or a text in its quotes, which is never too large. */
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
