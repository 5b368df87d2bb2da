/** JSON with numbers that a double does not hold. */

/** The start of a number that a double may not hold. A text can match too, which costs time only. */
const mayBeTooLarge = /\d{16}|\d[eE]/;

/** All text and number literals of a JSON document. */
const textOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/** @type {typeof import("./index.d.cts").parseExactly} */
function parseExactly(text) {
  const value = JSON.parse(text);
  if (!mayBeTooLarge.test(text)) return value;
  return JSON.parse(text.replace(textOrNumber, (part) => (isTooLarge(part) ? `"${part}"` : part)));
}

/** @param {string} part A number literal, or a text in its quotes, which is never too large. */
function isTooLarge(part) {
  return Math.abs(Number(part)) > Number.MAX_SAFE_INTEGER;
}

exports.parseExactly = parseExactly;
