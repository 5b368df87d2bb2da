const utf8 = new TextEncoder();

/**
 * The `webhook-signature` of a delivery: Standard Webhooks `v1`, one signature per secret, so that a receiver can rotate
 * its secret. The signature covers the id, the time in Unix seconds and the exact bytes of the body. Secrets are
 * `whsec_` and base64. An id must hold no dot: dots separate the signed parts.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export async function sign(
  secrets: readonly string[],
  id: string,
  timestampSeconds: number,
  body: string,
): Promise<string> {
  const bytes = utf8.encode(`${id}.${timestampSeconds}.${body}`);
  const signatures = secrets.map(async (secret) => {
    const signature = await crypto.subtle.sign("HMAC", await keyOf(secret), bytes);
    return `v1,${btoa(String.fromCharCode(...new Uint8Array(signature)))}`;
  });
  return (await Promise.all(signatures)).join(" ");
}

type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** Imported secrets: a deployment has few, but rules that are only tried may bring others. */
const keys = new Map<string, Key>();

/** With more secrets, all keys are dropped, and imported again. */
const maxKeys = 1_000;

async function keyOf(secret: string): Promise<Key> {
  const known = keys.get(secret);
  if (known) return known;
  const bytes = Uint8Array.from(atob(secret.replace(/^whsec_/, "")), (character) => character.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  if (keys.size >= maxKeys) keys.clear();
  keys.set(secret, key);
  return key;
}
