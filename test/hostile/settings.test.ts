/** Settings, rules, trial events and the answers of backends as hostile input, read within this process. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type AnswerSpec, failText } from "../../src/callback/answer.ts";
import { catalogue } from "../../src/callback/catalogue.ts";
import { parseBody } from "../../src/callback/json.ts";
import { readAnswer } from "../../src/callback/read-answer.ts";
import { readConfig, readOtherRules } from "../../src/config.ts";
import { describe } from "../../src/rule/describe.ts";
import { parseJson } from "../../src/rule/json.ts";
import type { RuleBook } from "../../src/rule/parse-rules.ts";
import { pathAt } from "../../src/rule/setting-path.ts";
import { readTrialEvent, runTrial } from "../../src/rule/trial.ts";
import { ruleVariables, settings } from "../../src/settings.ts";
import { answerSpecOf } from "../../src/verdict/question.ts";
import { Chance } from "../support/chance.ts";
import { times } from "../support/repetition.ts";
import { drawRule } from "./grammar.ts";
import { textOf } from "./json-tree.ts";
import { leakFinder } from "./leaks.ts";
import { mutated, naughtyText } from "./mutations.ts";
import { naughtyTexts } from "./naughty.ts";

/** Calls `run` with a chance for each seed. A failure names its seed. */
function seeds(count: number, run: (chance: Chance) => void): void {
  for (let seed = 1; seed <= count * times; seed++)
    try {
      run(new Chance(seed));
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
    }
}

/** Secrets as an administrator might set them, rightly or wrongly. */
const secrets = {
  CALLBACK_TOKEN: "hq7Zr2mXw9KdPv4c",
  ADMIN_TOKEN: "x4RkW7cEz9Mp2Ydh",
  HOOK_SECRET: "whsec_bWx3OHJ2Z2Y0Y3EydGs5cGU3dWpkNmhz",
  WRONG_SECRET: "Ga5jUe8oQi3nSb7w",
  BOT_URL: "https://hooks.example.com/Kp9sDg3hZx6cQw1e?key=Nf2rJw8qXb5vTc7s",
};

const leaks = leakFinder([
  ...Object.entries(secrets)
    .filter(([name]) => name !== "BOT_URL")
    .map(([name, value]) => ({ name, value: value.replace("whsec_", "") })),
  { name: "path of BOT_URL", value: "Kp9sDg3hZx6cQw1e" },
  { name: "key of BOT_URL", value: "Nf2rJw8qXb5vTc7s" },
]);

const known = {
  names: ["hook", "audit", "a-b", "A", ""],
  settings: [...Object.keys(secrets), "NOT_SET", "SHARDS", "__proto__", "constructor", "toString"],
};

const names = [...Object.keys(settings), ...ruleVariables, "LOCAL_RUN"];

/** A value of a setting: a text, a JSON value, or a binding of the platform. */
function drawValue(chance: Chance): unknown {
  const values: (() => unknown)[] = [
    () => naughtyText(chance),
    () => `${naughtyText(chance)},${naughtyText(chance)}`,
    () => chance.pick(naughtyTexts.numbers),
    () => Number(chance.pick(naughtyTexts.numbers)),
    () =>
      chance.pick([
        true,
        false,
        null,
        undefined,
        {},
        [],
        [[]],
        Number.NaN,
        1e308,
        -0,
        10n,
        Symbol("a"),
        () => 1,
      ]),
    () => [naughtyText(chance), 1, null, {}],
    () => chance.pick(Object.values(secrets)),
    () => `${chance.pick(Object.values(secrets))}, ${chance.pick(Object.values(secrets))}`,
    () => ({ getByName: () => {} }),
  ];
  return chance.pick(values)();
}

/** Rules as text, as JSON, or spoilt. */
function drawRules(chance: Chance): unknown {
  const rules = Array.from({ length: chance.between(0, 4) }, () => drawRule(chance, known));
  const text = textOf(mutated(chance.happens(0.5) ? rules : (rules[0] ?? {}), chance));
  if (chance.happens(0.3)) return JSON.stringify(rules);
  if (chance.happens(0.5)) return text;
  return parsed(text) ?? rules;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function assertSentences(problems: readonly string[]): void {
  for (const problem of problems) {
    assert.equal(typeof problem, "string");
    assert.notEqual(problem.trim(), "");
    assert.deepEqual(leaks(problem), [], problem);
    assert.ok(problem.length < 2_000, `a problem has ${problem.length} characters`);
    assert.doesNotMatch(problem, /\n\s+at |TypeError|RangeError/, problem);
  }
}

const events = Array.from(catalogue.values(), ({ name, example }) => ({ command: name, body: example }));

/** Describes, matches and explains: none of it throws. */
function useAll(book: RuleBook, chance: Chance): void {
  for (const rule of book.rules) {
    assert.deepEqual(leaks(describe(rule)), [], describe(rule));
    assert.match(describe(rule), /^(forwards|asks|answers) /);
  }
  const text = textOf(mutated(chance.pick(events), chance));
  const value = parsed(text) === undefined ? chance.pick(events) : parseJson(text);
  const event = readTrialEvent(
    value as never,
    pathAt("event", () => {}),
    1_794_160_000_000,
  );
  if (!event) return;
  for (const rule of book.rules) assert.equal(rule.explain(event) === null, rule.matches(event));
  for (const { failed } of runTrial(book, event))
    if (failed) assert.match(failed.why, / is .+, and should be ./s);
}

test("any environment is read, and its problems are sentences without secrets", () => {
  let configured = 0;
  let withProblems = 0;
  seeds(400, (chance) => {
    const env: Record<string, unknown> = { SDK_APP_ID: "1400000000", ...secrets };
    for (let count = chance.between(0, 3); count > 0; count--) env[chance.pick(names)] = drawValue(chance);
    env.FORWARD_RULES = drawRules(chance);
    if (chance.happens(0.2)) env.FORWARD_RULES_2 = drawRules(chance);
    const config = readConfig(env);
    assertSentences(config.problems);
    useAll(config.rules, chance);
    if (config.configured) configured++;
    if (config.problems.length > 0) withProblems++;
    for (const address of ["203.0.113.7", "::1", null, naughtyText(chance)])
      config.receiving.allows?.(address);
  });
  assert.ok(configured > 100 && configured < 400 * times, `${configured} are configured`);
  assert.ok(withProblems > 100, `${withProblems} have problems`);
});

test("rules of a request are read, and their mistakes name a path and no secret", () => {
  const env = { SDK_APP_ID: "1400000000", ...secrets, FORWARD_RULES: "[]" };
  let right = 0;
  seeds(400, (chance) => {
    const book = readOtherRules(env, "rules", drawRules(chance));
    assertSentences(book.problems);
    for (const { path, message } of book.mistakes) {
      assert.match(path, /^rules/);
      assertSentences([message]);
      assert.deepEqual(leaks(path), []);
    }
    if (book.mistakes.length === 0) right++;
    useAll(book, chance);
  });
  assert.ok(right > 20, `${right} are right`);
});

const questions = [...catalogue.values()].flatMap((command) => {
  const spec = answerSpecOf(command, command.phase);
  return spec ? [{ spec, body: command.example }] : [];
});

/** An answer that the command allows, with parts of others. */
function drawAnswer(spec: AnswerSpec, chance: Chance): object {
  return {
    ActionStatus: chance.pick(["OK", "FAIL", ""]),
    ErrorInfo: naughtyText(chance),
    ErrorCode: chance.pick([0, 1, 2, spec.refusal ?? 1, 10_100, 120_001, 2 ** 53, -1, "1"]),
    MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: naughtyText(chance) } }],
    ResultItem: [
      { To_Account: "lan", ResultCode: chance.pick([0, 38_000]), ResultInfo: naughtyText(chance) },
    ],
    CloudCustomData: naughtyText(chance),
    RefusedMembers_Account: ["lan", naughtyText(chance)],
  };
}

test("any answer of a backend is a verdict or a problem, and a verdict is one that Tencent can read", () => {
  let verdicts = 0;
  seeds(600, (chance) => {
    const { spec, body } = chance.pick(questions);
    const text = textOf(mutated(drawAnswer(spec, chance), chance));
    if (parsed(text) === undefined) return;
    const read = readAnswer(spec, parseBody(text), body);
    if ("problem" in read) {
      assert.ok(read.problem.length > 0 && read.problem.length < 2_000, read.problem);
      return;
    }
    verdicts++;
    const again = JSON.parse(JSON.stringify(read.ok));
    assert.equal(again.ActionStatus, "OK");
    assert.ok(Number.isInteger(again.ErrorCode));
    assert.equal(typeof again.ErrorInfo, "string");
    for (const name of Object.keys(again))
      assert.ok(
        ["ActionStatus", "ErrorCode", "ErrorInfo", "ResultItem"].includes(name) ||
          Object.hasOwn(spec.fields, name),
        name,
      );
  });
  assert.ok(verdicts > 40, `${verdicts} are verdicts`);
});

test("nothing was polluted", () => {
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
  assert.equal(JSON.parse(failText("a")).polluted, undefined);
});
