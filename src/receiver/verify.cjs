/** The signature of a delivery: Standard Webhooks, version 1 (https://www.standardwebhooks.com). */
const { Refusal } = require("./refusal.cjs");

const utf8 = new TextEncoder();

/** The keys of secrets: importing one takes longer than verifying. */
const keys = /** @type {Map<string, ReturnType<typeof importKey>>} */ (new Map());

/** @type {typeof import("./index.d.cts").verify} */
async function verify(request, { secret, toleranceSeconds = 300 }) {
  const secrets = secretsOf(secret);
  if (request.method !== "POST") throw new Refusal(405, "expected POST");
  const [id, timestamp, signatures] = ["id", "timestamp", "signature"].map((name) => {
    const value = request.headers.get(`webhook-${name}`);
    if (!value) throw new Refusal(401, `the header webhook-${name} is missing`);
    return value;
  });
  const age = Date.now() / 1000 - Number(timestamp);
  if (!(Math.abs(age) <= toleranceSeconds))
    throw new Refusal(401, `webhook-timestamp is not within ${toleranceSeconds} s of this machine's clock`);

  const body = new Uint8Array(await request.arrayBuffer());
  const signed = joined(utf8.encode(`${id}.${timestamp}.`), body);
  if (!(await isSigned(signed, String(signatures), secrets)))
    throw new Refusal(401, "webhook-signature is not of this secret and body");
  return {
    id: String(id),
    replay: request.headers.get("tim-relay-replay"),
    text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(body),
  };
}

/**
 * @param {string | readonly string[]} secret
 * @returns {readonly string[]} each `whsec_` and base64
 */
function secretsOf(secret) {
  const secrets = [secret]
    .flat()
    .flatMap((one) => String(one).split(/[\s,]+/))
    .filter(Boolean);
  if (secrets.length === 0 || !secrets.every((one) => /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(one)))
    throw new TypeError("secret: expected whsec_ and base64 of 24 bytes or more, or a list of such secrets");
  return secrets;
}

/**
 * The comparison takes the same time for every wrong signature.
 * @param {Uint8Array<ArrayBuffer>} signed
 * @param {string} signatures `v1,` and base64, with spaces between them
 * @param {readonly string[]} secrets
 */
async function isSigned(signed, signatures, secrets) {
  for (const signature of signatures.split(" ")) {
    const bytes = signature.startsWith("v1,") ? bytesOf(signature.slice("v1,".length)) : null;
    if (bytes === null) continue;
    for (const secret of secrets)
      if (await crypto.subtle.verify("HMAC", await keyOf(secret), bytes, signed)) return true;
  }
  return false;
}

/** @param {string} secret */
function keyOf(secret) {
  let key = keys.get(secret);
  if (!key) {
    key = importKey(secret);
    keys.set(secret, key);
  }
  return key;
}

/** @param {string} secret */
async function importKey(secret) {
  const bytes = bytesOf(secret.slice("whsec_".length));
  if (bytes === null) throw new TypeError("secret: expected base64 after whsec_");
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}

/** @param {string} base64 */
function bytesOf(base64) {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

/**
 * @param {Uint8Array} head
 * @param {Uint8Array} tail
 */
function joined(head, tail) {
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}

exports.secretsOf = secretsOf;
exports.verify = verify;
