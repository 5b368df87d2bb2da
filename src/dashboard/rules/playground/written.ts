/** A text that a person writes: its value, if it has one, and the mistakes in it. */
import { parseExact } from "../../exact-json.ts";
import { type Checked, check } from "../../json-editor/mistakes.ts";
import type { Schema } from "../../json-editor/schema.ts";

export interface Written extends Checked {
  text: string;
  /** Undefined where the text is no JSON, or says a key twice: then it means two things. */
  value: unknown;
}

export function readWritten(text: string, schema?: Schema): Written {
  const checked = check(text, schema);
  const isUnclear = checked.mistakes.some(({ kind }) => kind === "syntax" || kind === "repeated");
  return { text, value: isUnclear ? undefined : jsonOf(text), ...checked };
}

/** The parser that finds places is more generous than JSON. */
function jsonOf(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}

/** The rule that decides a callback: the first that surely fits, is on, and is no shadow. */
export function deciderOf(
  rules: readonly unknown[],
  results: readonly { rule: string; matches: boolean; untried?: string }[],
): string | null {
  const decides = (name: string) => {
    const { ask, answer, enabled, shadow } = ruleNamed(rules, name);
    return (ask !== undefined || answer !== undefined) && enabled !== false && shadow !== true;
  };
  return results.find(({ rule, matches, untried }) => matches && !untried && decides(rule))?.rule ?? null;
}

export function ruleNamed(rules: readonly unknown[], name: string): Record<string, unknown> {
  const found = rules.find(
    (rule) => typeof rule === "object" && rule !== null && (rule as { name?: unknown }).name === name,
  );
  return (found ?? {}) as Record<string, unknown>;
}
