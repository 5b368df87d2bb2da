/** Exact numbers. */
import { rawJSON } from "../../callback/json.ts";

/**
 * A number exactly as it was written, for numbers that a double would change: 144115200000000001 would become
 * 144115200000000000. Tencent's ids and random numbers can be that large.
 */
export class Decimal {
  readonly text: string;
  /** -1, 0 or 1. */
  readonly sign: number;
  /** Significant digits, without zeros at either end. */
  readonly digits: string;
  /** The position of the decimal point, counted from the first significant digit: 120 is `12` and 3, 0.05 is `5` and -1. */
  readonly point: number;

  /** @param text a number as JSON writes it. */
  constructor(text: string) {
    const [, minus = "", whole = "", fraction = "", exponent = "0"] =
      /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
    const digits = whole + fraction;
    let first = 0;
    while (digits[first] === "0") first++;
    let end = digits.length;
    while (end > first && digits[end - 1] === "0") end--;

    this.text = text;
    this.digits = digits.slice(first, end);
    this.sign = this.digits === "" ? 0 : minus === "" ? 1 : -1;
    this.point = this.sign === 0 ? 0 : whole.length - first + Number(exponent);
  }

  toString(): string {
    return this.text;
  }

  /** Makes `JSON.stringify` write the number as it was read. */
  toJSON(): unknown {
    return rawJSON(this.text);
  }
}

/** Below zero if `a` is less than `b`, zero if they are equal, else above zero. */
export function compareNumbers(a: number | Decimal, b: number | Decimal): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const left = exact(a);
  const right = exact(b);
  if (left.sign !== right.sign) return left.sign - right.sign;
  if (left.point !== right.point) return left.sign * (left.point - right.point);
  if (left.digits === right.digits) return 0;
  return left.digits < right.digits ? -left.sign : left.sign;
}

/** The number of a JSON text: a double if that is exact, else a `Decimal`. */
export function readNumber(text: string): number | Decimal {
  const double = Number(text);
  const written = new Decimal(text);
  return Number.isFinite(double) && compareNumbers(written, double) === 0 ? double : written;
}

function exact(value: number | Decimal): Decimal {
  return value instanceof Decimal ? value : new Decimal(String(value));
}
