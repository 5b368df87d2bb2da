const utf8 = new TextEncoder();

/**
 * The SHA-256 of a text. Web Crypto is used because it is a part of the runtime: a fresh isolate would load `node:crypto`
 * for several milliseconds before its first answer, and in workerd its hashes are streams, which take more processor time.
 */
export async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", utf8.encode(text)));
}
