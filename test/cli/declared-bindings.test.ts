/** Rules that name bindings, checked on the author's machine against the bindings of `wrangler.toml`. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { checkRules } from "../../src/cli/check-rules.ts";
import { declaredBindings } from "../../src/cli/declared-bindings.ts";
import { readDeployment } from "../../src/cli/deployment.ts";
import { ruleSetsIn } from "../../src/cli/rule-sets.ts";
import { mistakesIn } from "../../src/cli/settings-watch.ts";
import { bindingProblem } from "../../src/rule/bindings.ts";

const rules = '[{"name":"a","url":"service:BACKEND"}]';
const services = (table: string) => `[[${table}services]]\nbinding = "BACKEND"\nservice = "backend"\n`;
const folder = mkdtempSync(join(tmpdir(), "tim-relay-bindings-"));
after(() => rmSync(folder, { recursive: true }));

/** The mistakes of what would be deployed from such a `wrangler.toml`. */
function mistakes(bound: string, environment: string | null = null): readonly string[] {
  const path = join(folder, "wrangler.toml");
  const vars = environment === null ? "[vars]" : `[env.${environment}.vars]`;
  writeFileSync(path, `${vars}\nFORWARD_RULES = '${rules}'\n${bound}`);
  return checkRules(readDeployment(path, { environment }).rules).mistakes;
}

const missing = [/^FORWARD_RULES\[0\].url: there is no such binding: a service is bound by \[\[services\]\]/];

function assertLike(texts: readonly string[], patterns: readonly RegExp[]): void {
  assert.equal(texts.length, patterns.length, texts.join("\n"));
  texts.forEach((text, index) => {
    assert.match(text, patterns[index]!);
  });
}

test("a rule whose binding wrangler.toml lacks is a mistake before a deploy", () => {
  assertLike(mistakes(services("")), []);
  assertLike(mistakes(""), missing);
});

test("an environment inherits no binding", () => {
  assertLike(mistakes(services("env.staging."), "staging"), []);
  assertLike(mistakes(services(""), "staging"), missing);
});

test("rules in a file of their own are checked without bindings, those of wrangler.toml with them", () => {
  const path = join(folder, "rules.json");
  writeFileSync(path, rules);
  assertLike(checkRules(ruleSetsIn(path)[0]!).mistakes, []);
  mistakes("");
  assertLike(checkRules(ruleSetsIn(join(folder, "wrangler.toml"))[0]!).mistakes, missing);
});

test("a local run has the bindings that wrangler.toml declares", () => {
  const settings = { SDK_APP_ID: "1400000000", FORWARD_RULES: rules };
  const bindings = declaredBindings({ services: [{ binding: "BACKEND", service: "backend" }] }, null);
  assertLike(mistakesIn(settings, bindings), []);
  assertLike(mistakesIn(settings, {}).slice(1), missing);
});

test("each kind of binding is found in its table", () => {
  const bindings = declaredBindings(
    {
      services: [{ binding: "A" }],
      queues: { producers: [{ binding: "B" }] },
      r2_buckets: [{ binding: "C" }],
      kv_namespaces: [{ binding: "D" }],
      durable_objects: { bindings: [{ name: "E" }] },
    },
    null,
  );
  const kinds = { A: "service", B: "queue", C: "r2", D: "kv", E: "objects" } as const;
  for (const [name, kind] of Object.entries(kinds))
    for (const other of Object.values(kinds))
      assert.equal(bindingProblem(bindings, name, other) === null, other === kind, `${name} as ${other}`);
});
