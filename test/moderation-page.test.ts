/** The Worker of docs/moderation.md: it compiles strictly, and decides as the page says. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseRules } from "../src/rule/parse-rules.ts";
import { say } from "../src/sentence.ts";
import { documentedBlocks } from "./support/documented-blocks.ts";

const root = join(import.meta.dirname, "..");
const [worker, rule] = documentedBlocks("docs/moderation.md", "ts worker", "json rule");

const folder = mkdtempSync(join(tmpdir(), "tim-relay-moderation-"));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, "index.ts");
writeFileSync(file, worker!.text);

test("the page's Worker compiles strictly", () => {
  const tsc = join(root, "node_modules/@typescript/native/bin/tsc");
  const options =
    "--strict --noUncheckedIndexedAccess --noEmit --ignoreConfig --skipLibCheck --target es2024 --lib es2024 --module esnext --moduleResolution bundler --types @cloudflare/workers-types";
  const { stdout, stderr } = spawnSync(process.execPath, [tsc, ...options.split(" "), file], {
    cwd: root,
    encoding: "utf8",
  });
  assert.equal(stdout + stderr, "");
});

type Worker = { fetch(request: Request, env: object): Promise<Response> };

/** The Worker's answer about a message, beside a model that says this. */
async function answerTo(MsgBody: object[] | undefined, response: unknown) {
  const { default: worker } = (await import(file)) as { default: Worker };
  const asked: string[] = [];
  const AI = {
    async run(_model: string, { messages }: { messages: { content: string }[] }) {
      asked.push(...messages.map(({ content }) => content));
      return { response };
    },
  };
  const body = JSON.stringify({ id: "evt_1", type: "Group.CallbackBeforeSendMsg", data: { MsgBody } });
  const answer = await worker.fetch(new Request("https://service/", { method: "POST", body }), { AI });
  return { status: answer.status, text: await answer.text(), asked };
}

const saying = (Text: string) => [{ MsgType: "TIMTextElem", MsgContent: { Text } }];

test("the page's Worker refuses what the model calls unsafe, and gives no verdict where the model gives none", async () => {
  const code = async (response: unknown) => {
    const { status, text } = await answerTo(saying("hello"), response);
    return status === 200 ? JSON.parse(text).ErrorCode : status;
  };
  const said = ["safe", "\n\nsafe", "unsafe\nS1", { safe: false, categories: ["S1"] }, { safe: true }];
  assert.deepEqual(await Promise.all(said.map(code)), [0, 0, 1, 1, 0]);
  assert.deepEqual(await Promise.all(["I cannot say", undefined, {}].map(code)), [502, 502, 502]);
});

test("the page's Worker asks about texts alone", async () => {
  const face = { MsgType: "TIMFaceElem", MsgContent: { Index: 4 } };
  assert.deepEqual((await answerTo([face, ...saying("one"), ...saying("two")], "safe")).asked, ["one\ntwo"]);
  for (const none of [undefined, [], [face]]) assert.deepEqual((await answerTo(none, "unsafe")).asked, []);
});

test("the page's rule is valid beside its binding", () => {
  const { problems } = parseRules([{ name: "FORWARD_RULES", value: `[${rule!.text}]` }], {
    secret: () => undefined,
    privateNetworks: false,
    local: false,
    retentionMs: 604_800_000,
    bindingProblem: (name, kind) => (name === "MODERATION" && kind === "service" ? null : say`is missing`),
  });
  assert.deepEqual(problems, []);
});
