import { sha256 } from "./sha256.ts";

/**
 * The first 53 bits of a text's SHA-256, the most that a number holds. Among a million recent events, a new event has
 * the fingerprint of another one with a probability of 10⁻¹⁰.
 */
export async function fingerprint(text: string): Promise<number> {
  const digest = new DataView((await sha256(text)).buffer);
  return digest.getUint32(0) * 2 ** 21 + (digest.getUint32(4) >>> 11);
}
