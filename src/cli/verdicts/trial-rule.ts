/** The rule that `verdicts --try` tries: one of the gateway's by its name, or one in a file. */
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { parseExactly } from "../../verdict/exact-json.ts";
import { Misuse } from "../failure.ts";
import { readJsonDocument, strictText } from "../json-with-comments.ts";

/** @throws Misuse if the file is missing, or holds no rule */
export function trialRule(given: string): string | Record<string, unknown> {
  // A rule's name has neither a dot nor a slash.
  if (/^[a-z0-9-]+$/.test(given) && !existsSync(given)) return given;
  const rule = ruleIn(given);
  if (typeof rule !== "object" || rule === null || Array.isArray(rule))
    throw new Misuse(`${given}: expected one rule, {"name": …, "answer": …} or with "ask"`);
  return rule as Record<string, unknown>;
}

function ruleIn(path: string): unknown {
  try {
    const document = readJsonDocument(basename(path), readFileSync(path, "utf8"));
    return parseExactly(strictText(document, document.root));
  } catch (error) {
    throw new Misuse(`--try: ${error instanceof Error ? error.message : error}`);
  }
}
