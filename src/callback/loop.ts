/** The header `tim-relay-loop`: the names of the gateways that a callback came through, separated by commas. */

const listOfNames = /^[\w.,: -]{1,200}$/;

/** Whether a gateway is among those that a callback came through. */
export function cameThrough(via: string, gateway: string | undefined): boolean {
  return gateway !== undefined && via.split(",").some((one) => one.trim() === gateway);
}

/** The header, if it is fit to be kept and carried on. */
export function readVia(via: string): string | null {
  return listOfNames.test(via) ? via : null;
}
