/** `rules test --event`: which rules match one event, and which field keeps each other rule from it. */
import { readFileSync } from "node:fs";
import type { Event, Issue } from "../../callback/event.ts";
import { type Json, parseJson } from "../../rule/json.ts";
import { repeatedKeys } from "../../rule/json-text.ts";
import { inside, pathAt } from "../../rule/setting-path.ts";
import { readTrialEvent, runTrial } from "../../rule/trial.ts";
import { say } from "../../sentence.ts";
import { checkRules } from "../check-rules.ts";
import { remark, sayJson, sayText } from "../screen.ts";
import { setsOf, tellUnset } from "./sets.ts";

/** @param file of rules; undefined: the rules here */
export function tryOnEvent(file: string | undefined, eventFile: string, json: boolean): number {
  const event = readEvent(eventFile);
  const tried = setsOf(file).map(({ set, title }) => {
    const { book, ruleProblems, unset } = checkRules(set);
    const results = runTrial(book, event);
    if (!json && title) sayText(title);
    for (const problem of ruleProblems) remark(problem);
    tellUnset(unset);
    if (!json)
      for (const { rule, word, body, failed, untried } of results) {
        const by = word === undefined ? "" : ` by "${word}"`;
        const but = untried === undefined ? "" : `, but ${untried}`;
        const sends = body === undefined ? "" : `, and sends ${body}`;
        sayText(`${rule}: ${failed ? `does not fit: ${failed.why}` : `fits${by}`}${but}${sends}`);
      }
    return { from: set.from, results, mistakes: book.mistakes.length };
  });
  if (json) sayJson(tried.map(({ from, results }) => ({ from, results })));
  return tried.some(({ mistakes }) => mistakes > 0) ? 1 : 0;
}

function readEvent(file: string): Event {
  const mistakes: Issue[] = [];
  const root = pathAt("event", (path, message) => mistakes.push({ path, message }));
  const { text, value } = readJson(file);
  const event = readTrialEvent(value, root, Date.now());
  for (const path of repeatedKeys(text)) inside(root, path).problem(say`is given twice`);
  if (!event || mistakes.length > 0)
    throw new Error(mistakes.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  return event;
}

function readJson(file: string): { text: string; value: Json } {
  try {
    const text = readFileSync(file, "utf8");
    return { text, value: parseJson(text) };
  } catch (error) {
    throw error instanceof SyntaxError ? new Error(`${file} is not JSON: ${error.message}`) : error;
  }
}
