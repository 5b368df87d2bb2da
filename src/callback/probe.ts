/** The probe of the console's "check" button: a request that is answered OK, and kept nowhere. */

/** Largest body that is read of a request with a refused head, to see whether it is a probe. Bytes. */
export const maxProbeBytes = 64;

/** Whether a body is a probe: empty, or an empty object, with any white space. */
export function isProbe(body: Uint8Array): boolean {
  const brackets = [0x7b, 0x7d];
  let found = 0;
  // Reading byte by byte is cheap: the second byte of most bodies already shows that they are no probe.
  for (const byte of body) {
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) continue;
    if (byte !== brackets[found]) return false;
    found++;
  }
  return found !== 1;
}
