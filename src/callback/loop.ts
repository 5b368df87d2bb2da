/** Loops: a callback that this gateway has forwarded comes back to it. */

/** The header with the names of the gateways that forwarded a callback, separated by commas. */
export const loopHeader = "tim-relay-loop";

const listOfNames = /^[\w.,: -]{1,200}$/;

/** Whether a gateway has forwarded this callback before. @param via the header as received */
export function cameThrough(via: string, gateway: string | undefined): boolean {
  return gateway !== undefined && via.split(",").some((one) => one.trim() === gateway);
}

/** The header if it is well-formed, to be kept and passed on; else null. */
export function readVia(via: string): string | null {
  return listOfNames.test(via) ? via : null;
}
