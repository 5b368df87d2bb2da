import { createHmac } from "node:crypto";

/**
 * The `webhook-signature` of a delivery: Standard Webhooks `v1`, one per secret, so that a receiver may change
 * its secret while both are sent. Covers the id, the time in Unix seconds and the exact bytes of the body.
 * Secrets are `whsec_` and base64. An id must hold no dot: dots separate the signed parts.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function sign(
  secrets: readonly string[],
  id: string,
  timestampSeconds: number,
  body: string | Uint8Array,
): string {
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
      const hmac = createHmac("sha256", key).update(`${id}.${timestampSeconds}.`).update(body);
      return `v1,${hmac.digest("base64")}`;
    })
    .join(" ");
}
