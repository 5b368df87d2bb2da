import { createHmac } from "node:crypto";

/**
 * The `webhook-signature` of a delivery: Standard Webhooks `v1`, one signature per secret, so that a receiver can rotate
 * its secret. The signature covers the id, the time in Unix seconds and the exact bytes of the body. Secrets are
 * `whsec_` and base64. An id must hold no dot: dots separate the signed parts.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function sign(secrets: readonly string[], id: string, timestampSeconds: number, body: string): string {
  const signed = `${id}.${timestampSeconds}.${body}`;
  return secrets
    .map((secret) => `v1,${createHmac("sha256", keyOf(secret)).update(signed).digest("base64")}`)
    .join(" ");
}

/** Decoded secrets: a deployment has few. */
const keys = new Map<string, Buffer>();

function keyOf(secret: string): Buffer {
  const known = keys.get(secret);
  if (known) return known;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  keys.set(secret, key);
  return key;
}
