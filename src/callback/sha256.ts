const utf8 = new TextEncoder();

/**
 * The SHA-256 of a text. Web Crypto is used because it is a part of the runtime. A fresh isolate would load
 * `node:crypto` for several milliseconds before its first answer. The hashes of Web Crypto also take less processor
 * time in workerd than the streams of `node:crypto`.
 */
export async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", utf8.encode(text)));
}

/** Bytes as lower-case hexadecimal digits, two each. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
