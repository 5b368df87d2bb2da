/** The events of a delivery: one, a batch, or CloudEvents. */
const { commands } = require("./commands.cjs");
const { parseExactly } = require("./exact.cjs");
const { Refusal } = require("./refusal.cjs");

const known = new Set(/** @type {readonly unknown[]} */ (commands));

/**
 * @param {unknown} value
 * @param {string[]} types
 */
function isEvent(value, ...types) {
  const { type } = /** @type {Record<string, unknown>} */ (Object(value));
  return isEnvelope(value) && (types.length > 0 ? types.some((one) => one === type) : known.has(type));
}

/** @param {unknown} value */
function isEnvelope(value) {
  if (typeof value !== "object" || value === null) return false;
  const { type, timestamp, id, data } = /** @type {Record<string, unknown>} */ (value);
  const texts = [type, timestamp, id].every((one) => typeof one === "string");
  return texts && typeof data === "object" && data !== null;
}

/**
 * @param {string} text a body whose signature is right
 * @returns {import("./index.d.cts").Event[]}
 */
function eventsOf(text) {
  let value;
  try {
    value = /** @type {unknown} */ (parseExactly(text));
  } catch {
    throw new Refusal(400, "the body is not JSON");
  }
  const events = [value].flat().map(envelopeOf);
  if (events.every(isEnvelope)) return /** @type {import("./index.d.cts").Event[]} */ (events);
  throw new Refusal(400, "the body holds no event: read what format raw or a template sends by verify");
}

/** @param {unknown} value A CloudEvent becomes the envelope that the format `event` has. */
function envelopeOf(value) {
  const cloud = /** @type {Partial<import("./commands.d.cts").CloudEvent>} */ (Object(value));
  if (cloud.specversion !== "1.0") return value;
  const { type, time, id, source, clientip = null, platform = null, data } = cloud;
  const app = String(source).split("/").at(-1);
  return { type, timestamp: time, id, app, clientIp: clientip, platform, data };
}

exports.isEvent = /** @type {typeof import("./index.d.cts").isEvent} */ (isEvent);
exports.eventsOf = eventsOf;
