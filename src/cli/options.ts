/** Values of options that are numbers. */
import { InvalidArgumentError } from "commander";

/** A whole number from 1 on. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw new InvalidArgumentError(`expected a whole number above 0, got ${JSON.stringify(text)}`);
  return Number(text);
}

/** A number from 0 on. */
export function number(text: string): number {
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(text))
    throw new InvalidArgumentError(`expected a number such as 2.5, got ${JSON.stringify(text)}`);
  return Number(text);
}

/** A number above 0. */
export function positive(text: string): number {
  if (!(number(text) > 0))
    throw new InvalidArgumentError(`expected a number above 0, got ${JSON.stringify(text)}`);
  return Number(text);
}

/** A number of seconds above 0, as milliseconds allow. */
export function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0.001 && value <= 86_400))
    throw new InvalidArgumentError(`expected a number of seconds, got ${JSON.stringify(text)}`);
  return value;
}

/** Gathers the values of an option that may be given again. */
export function listOf(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), text];
}
