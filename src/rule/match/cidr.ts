/** IPv4 and IPv6 address ranges, and single addresses: `203.0.113.0/24`, `2001:db8::/32`, `203.0.113.7`. */

export interface Cidr {
  /** 4 or 16 bytes, with the bits after the prefix cleared. */
  bytes: readonly number[];
  /** Length of the prefix, bits. */
  prefix: number;
}

/** The range in a text, or null. A single address is a range of one. */
export function parseCidr(text: string): Cidr | null {
  const [addressText = "", prefixText, ...rest] = text.split("/");
  if (rest.length > 0) return null;
  const address = parseAddress(addressText);
  if (address === null) return null;
  if (prefixText === undefined) return { bytes: address, prefix: address.length * 8 };
  if (!/^\d{1,3}$/.test(prefixText)) return null;

  // The prefix of an IPv4-mapped range counts IPv6 bits: ::ffff:203.0.113.0/120 is 203.0.113.0/24.
  const mapped = address.length === 4 && addressText.includes(":");
  const prefix = Number(prefixText) - (mapped ? 96 : 0);
  if (prefix < 0 || prefix > address.length * 8) return null;
  return { bytes: address.map((byte, index) => byte & mask(prefix, index)), prefix };
}

/** Whether the range holds the address; false for a text that is no address. */
export function contains(cidr: Cidr, addressText: string): boolean {
  const address = parseAddress(addressText);
  return (
    address !== null &&
    address.length === cidr.bytes.length &&
    cidr.bytes.every((byte, index) => byte === (address[index]! & mask(cidr.prefix, index)))
  );
}

/** The 4 or 16 bytes of an address, or null. An IPv4-mapped IPv6 address is read as IPv4. */
export function parseAddress(text: string): number[] | null {
  return text.includes(":") ? parseV6(text) : parseV4(text);
}

function parseV4(text: string): number[] | null {
  const parts = text.split(".");
  // Some parsers read a leading zero as octal, so that such an address is ambiguous.
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) {
    return null;
  }
  return parts.map(Number);
}

function parseV6(text: string): number[] | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = groups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groups(halves[1]!, true) : [];
  if (head === null || tail === null) return null;

  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return null;
  const bytes = [...head, ...Array<number>(missing).fill(0), ...tail];
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  return mapped ? bytes.slice(12) : bytes;
}

/** The bytes of groups separated by colons; the last may be a dotted IPv4 address. */
function groups(text: string, last: boolean): number[] | null {
  if (text === "") return [];
  const bytes: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const v4 = last && index === parts.length - 1 && part.includes(".") ? parseV4(part) : null;
    if (v4 !== null) bytes.push(...v4);
    else if (/^[0-9a-f]{1,4}$/i.test(part))
      bytes.push(Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255);
    else return null;
  }
  return bytes;
}

/** The bits of the prefix in the byte at `index`. */
function mask(prefix: number, index: number): number {
  const bits = Math.min(8, Math.max(0, prefix - index * 8));
  return (0xff00 >> bits) & 255;
}
