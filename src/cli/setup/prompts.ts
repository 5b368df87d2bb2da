/** Questions in a terminal. */
import { type CANCEL_SYMBOL, confirm, isCancel, password, select, text } from "@clack/prompts";
import type { Texts } from "./texts.ts";

/** The person has left, by Ctrl-C or Escape. */
export class Left extends Error {}

/** A sentence about a text that is no answer. */
export type Check = (text: string) => string | undefined;

export interface Prompts {
  text(message: string, check: Check, initial?: string): Promise<string>;
  hidden(message: string, check: Check): Promise<string>;
  /** @param options labels by value */
  choice(message: string, options: Readonly<Record<string, string>>): Promise<string>;
  agrees(message: string): Promise<boolean>;
}

export function prompts({ yes, no }: Texts): Prompts {
  return {
    text: async (message, check, initial = "") =>
      (
        await answered(
          text({ message, initialValue: initial, validate: (value) => check((value ?? "").trim()) }),
        )
      ).trim(),
    hidden: async (message, check) =>
      (await answered(password({ message, validate: (value) => check((value ?? "").trim()) }))).trim(),
    choice: (message, options) =>
      answered(
        select({
          message,
          options: Object.entries(options).map(([value, label]) => ({ value, label })),
          showInstructions: false,
        }),
      ),
    agrees: (message) => answered(confirm({ message, active: yes, inactive: no })),
  };
}

async function answered<Value>(answer: Promise<Value | typeof CANCEL_SYMBOL>): Promise<Value> {
  const value = await answer;
  if (isCancel(value)) throw new Left();
  return value;
}
