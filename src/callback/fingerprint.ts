const utf8 = new TextEncoder();

/**
 * The first 53 bits of a text's SHA-256, the most that a number holds. Among a million recent events, a new event has
 * the fingerprint of another one with a probability of 10⁻¹⁰. Web Crypto is used because in workerd a hash of
 * `node:crypto` is a stream, which would cost about a twentieth of a callback's processor time.
 */
export async function fingerprint(text: string): Promise<number> {
  const digest = new DataView(await crypto.subtle.digest("SHA-256", utf8.encode(text)));
  return digest.getUint32(0) * 2 ** 21 + (digest.getUint32(4) >>> 11);
}
