/** Judges a 2xx answer by the pattern of a rule's `succeeds`. Chat bots answer 200 with an error code in the body. */
import { type Json, parseJson } from "../rule/json.ts";
import { compilePattern, type Pattern } from "../rule/match/pattern.ts";
import { pathAt } from "../rule/setting-path.ts";
import { type Sentence, say } from "../sentence.ts";
import type { SecretMask } from "./secrets.ts";

/** A longer body is not read, and counts as absent. Bytes. */
export const judgedBytes = 65_536;

/** The body of an answer, as far as it was read. */
export interface Answer {
  text: string;
  /** `longer`: there may be more. `broken`: it broke off, or took too long. */
  end: "whole" | "longer" | "broken";
}

export interface Judge {
  /** Whether it makes demands on the body. */
  readonly readsBody: boolean;
  /** The fault of a 2xx answer, as the rest of a sentence; null: it is a success. */
  fault(status: number, answer: Answer, mask: SecretMask): Sentence | null;
}

/** Compiled patterns: a deployment has few. */
const judges = new Map<string, Judge>();

/** With more patterns, all are dropped, and compiled again. */
const maxJudges = 100;

/** @param pattern JSON text; null: every 2xx answer is a success */
export function judgeOf(pattern: string | null): Judge | null {
  if (pattern === null) return null;
  let judge = judges.get(pattern);
  if (!judge) {
    // The rule's reader has accepted it.
    judge = newJudge(
      compilePattern(
        parseJson(pattern),
        pathAt("", () => {}),
      )!,
    );
    if (judges.size >= maxJudges) judges.clear();
    judges.set(pattern, judge);
  }
  return judge;
}

function newJudge(pattern: Pattern): Judge {
  const readsBody = pattern.fields.some((field) => field.split(".")[0] === "body");
  return {
    readsBody,
    fault(status, { text, end }, mask) {
      if (readsBody && end === "broken") return say`its body broke off`;
      const body = end === "whole" ? jsonOf(text) : undefined;
      const failure = pattern.explain(body === undefined ? { status } : { status, body });
      if (failure === null) return null;
      // A text may hold a secret, and the answer is stored beside this sentence.
      const found = failure.found.includes('"') ? say`another text` : mask(failure.found);
      const why = say`${failure.field} is ${found}, and should be ${failure.expected}`;
      if (!readsBody || body !== undefined) return why;
      return end === "longer" ? say`${why}: its body is too long` : say`${why}: its body is no JSON`;
    },
  };
}

function jsonOf(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
