/** Whole numbers of queries and bodies. */
import { Refusal } from "./reply.ts";

export interface Range {
  least: number;
  most: number;
  /** Stands for an absent one. */
  otherwise: number;
}

/** @param given undefined or null: absent */
export function wholeNumber(name: string, given: unknown, { least, most, otherwise }: Range): number {
  if (given === undefined || given === null) return otherwise;
  if (typeof given === "number" && Number.isInteger(given) && given >= least && given <= most) return given;
  throw new Refusal(400, `bad_${name}`, `${name}: expected a whole number from ${least} to ${most}`);
}

/** The same, of a query, where it stands in digits. */
export function wholeNumberIn(query: URLSearchParams, name: string, range: Range): number {
  const text = query.get(name);
  const digits = text === null || /^\d{1,15}$/.test(text);
  return wholeNumber(name, digits ? text && Number(text) : text, range);
}
