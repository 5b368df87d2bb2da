import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { rulesPage } from "../../src/generate/rules-page.ts";
import { describe } from "../../src/rule/describe.ts";
import { isObject, parseJson } from "../../src/rule/json.ts";
import { parseRules } from "../../src/rule/parse-rules.ts";
import { rulesSchema } from "../../src/rule/schema.ts";
import { pathAt } from "../../src/rule/setting-path.ts";
import { readTrialEvent, runTrial } from "../../src/rule/trial.ts";
import { documentedBlocks } from "../support/documented-blocks.ts";
import { isValid } from "./json-schema.ts";

const root = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/rules.md", root), "utf8");
const blocks = [
  ...documentedBlocks("docs/rules.md", "json rule", "json fits", "json does not fit", "json sends"),
  ...documentedBlocks("docs/before-callbacks.md", "json rule", "json fits", "json does not fit"),
  ...documentedBlocks("docs/recipes.md", "json rule"),
].map(({ info, text }) => ({ kind: info.replace("json ", ""), text }));
const secret = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;

const parse = (text: string) =>
  parseRules([{ name: "FORWARD_RULES", value: text }], {
    secret: (_, address) => (address ? "https://bots.example.com/key" : secret),
    privateNetworks: false,
    local: false,
    retentionMs: 604_800_000,
    bindingProblem: () => null,
  });

test("the page has rules, and events that match and that do not", () => {
  const count = (kind: string) => blocks.filter((block) => block.kind === kind).length;
  assert.ok(count("rule") >= 15 && count("fits") >= 10 && count("does not fit") >= 10);
  assert.ok(count("sends") >= 1);
});

let rule = "";
let fitting = "";
for (const { kind, text } of blocks) {
  if (kind === "rule") {
    rule = text;
    const { name } = JSON.parse(text);
    test(`the page's rule ${name} is valid for the gateway and for editors`, () => {
      const book = parse(`[${text}]`);
      assert.deepEqual(book.problems, []);
      assert.equal(isValid([JSON.parse(text)], rulesSchema()), true);
      assert.match(describe(book.rules[0]!), /^(forwards|asks|answers) /);
    });
  } else if (kind === "sends") {
    const book = parse(`[${rule}]`);
    const event = readTrialEvent(parseJson(fitting), pathAt("event", assert.fail), 0)!;
    test(`the page's rule ${book.rules[0]?.name} sends: ${text.replaceAll(/\s+/g, " ")}`, () => {
      assert.deepEqual(parseJson(runTrial(book, event)[0]?.body ?? "null"), parseJson(text));
    });
  } else {
    fitting = text;
    const book = parse(`[${rule}]`);
    test(`the page's rule ${book.rules[0]?.name}: ${kind}: ${text.replaceAll(/\s+/g, " ")}`, () => {
      const given = parseJson(text);
      assert.ok(isObject(given) && catalogue.has(String(given.command)), "the command is one that there is");
      const event = readTrialEvent(given, pathAt("event", assert.fail), 0)!;
      assert.deepEqual(
        runTrial(book, event).map(({ matches }) => matches),
        [kind === "fits"],
      );
    });
  }
}

test("the page's rules are valid together in one variable", () => {
  const rules = blocks.filter(({ kind }) => kind === "rule").map(({ text }) => text);
  assert.deepEqual(parse(`[${rules.join()}]`).problems, []);
});

test("the page's reference and the schema are up to date: npm run docs", () => {
  assert.equal(rulesPage(page, "en"), page);
  const schema = JSON.parse(readFileSync(new URL("docs/rules.schema.json", root), "utf8"));
  assert.deepEqual(schema, JSON.parse(JSON.stringify(rulesSchema())));
});

test("no cell of the reference breaks its table", () => {
  const rows = page.split("\n").filter((line) => line.startsWith("|"));
  assert.ok(rows.length > 30);
  for (const row of rows) assert.ok([5, 8].includes(row.split("|").length), row);
});
