import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { Webhook } from "standardwebhooks";

const root = join(import.meta.dirname, "../..");
const project = mkdtempSync(join(tmpdir(), "tim-relay-receiver-"));
const installed = join(project, "node_modules/tim-relay");
after(() => rmSync(project, { recursive: true, force: true }));

/** The README's receiver. */
const [, snippet = ""] =
  /```ts\n(import \{ Webhook \}[\s\S]*?)```/.exec(readFileSync(join(root, "README.md"), "utf8")) ?? [];

/** Uses of the package's other types. Every `@ts-expect-error` must be an error. */
const uses = `
import { commands, isEvent, type CloudEvent, type Event, type Verdicts } from "tim-relay/receiver";
import { commands as names, type Batch, type CloudEventBatch, type Question } from "tim-relay/commands";
import type { Envelope, GroupAfterSendMsg } from "tim-relay/commands";
import { parseExactly as parse } from "tim-relay/receiver";

export const same: boolean = names === commands;
export const event: Event = parse("{}");
export const batch: Batch = parse<Event[]>("[]");
export const cloud: CloudEventBatch = [parse<CloudEvent>("{}")];
export function sentBy(value: unknown): string | undefined {
  // @ts-expect-error: it may be anything
  value.data;
  if (!isEvent(value, "Group.CallbackAfterSendMsg")) return undefined;
  const message: GroupAfterSendMsg = value.data;
  // @ts-expect-error: there is no such field
  message.Nobody;
  return value.id;
}
// @ts-expect-error: there is no such command
isEvent({}, "Group.CallbackAfterSendMessage");
// @ts-expect-error: an event has an id
export const nameless: Envelope<"Group.CallbackAfterSendMsg"> = { type: "Group.CallbackAfterSendMsg" };
export function answer(question: Question): Verdicts[keyof Verdicts] {
  return { ErrorCode: question.type === "Live.CallbackBeforeSendGift" ? 0 : 1 };
}
// @ts-expect-error: there is no such code
export const wrong: Verdicts["OfficialAccount.CallbackBeforeAddSubscriber"] = { ErrorCode: 2 };
`;

const packed = JSON.parse(
  execFileSync("npm", ["pack", "--json", "--pack-destination", project], {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32",
  }),
)[0];

before(() => {
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["xzf", packed.filename, "-C", installed, "--strip-components=1"], { cwd: project });
  for (const name of ["standardwebhooks", "@types/node"]) {
    mkdirSync(dirname(join(project, "node_modules", name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(project, "node_modules", name), "junction");
  }
  for (const extension of ["ts", "cts", "mts"])
    writeFileSync(join(project, `receive.${extension}`), snippet + uses);
});

/** By command line: several tests use what one compiler has written. */
const compilations = new Map<string, string>();

/** The strict compiler's problems with a receiver; it writes the JavaScript beside the source. */
function compiled(file: string, module: string, resolution: string): string {
  const key = [file, module, resolution].join(" ");
  const said = compilations.get(key) ?? compile(file, module, resolution);
  compilations.set(key, said);
  return said;
}

function compile(file: string, module: string, resolution: string): string {
  const tsc = join(root, "node_modules/@typescript/native/bin/tsc");
  const options = ["--strict", "--target", "es2022", "--types", "node", "--ignoreConfig"];
  const args = [...options, "--module", module, "--moduleResolution", resolution, file];
  const { stdout, stderr } = spawnSync(process.execPath, [tsc, ...args], { cwd: project, encoding: "utf8" });
  return stdout + stderr;
}

for (const [file, module, resolution] of [
  ["receive.cts", "node16", "node16"],
  ["receive.mts", "node16", "node16"],
  ["receive.cts", "nodenext", "nodenext"],
  ["receive.mts", "nodenext", "nodenext"],
  ["receive.ts", "esnext", "bundler"],
  ["receive.ts", "commonjs", "bundler"],
] as const)
  test(`the README's receiver compiles strictly: ${file}, ${resolution}, ${module}`, () => {
    assert.equal(compiled(file, module, resolution), "");
  });

for (const [file, module] of [
  ["receive.cts", "receive.cjs"],
  ["receive.mts", "receive.mjs"],
] as const)
  test(`the README's receiver accepts only its own gateway's signature, and reads large numbers: ${module}`, () => {
    assert.equal(compiled(file, "node16", "node16"), "");
    const secret = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
    const body =
      '{"type":"Group.CallbackAfterRecallMsg","data":{"GroupId":"g","MsgSeqList":[{"MsgSeq":144115200000000001}]}}';
    const received = (signed: string) => {
      const headers = {
        "webhook-id": "0-1",
        "webhook-timestamp": String(Math.floor(Date.now() / 1000)),
        "webhook-signature": new Webhook(secret).sign("0-1", new Date(), signed),
      };
      const program = `import("./${module}").then(({ receive }) =>
        receive(${JSON.stringify(body)}, ${JSON.stringify(headers)}))`;
      const environment = { ...process.env, AUDIT_SECRET: secret };
      return spawnSync(process.execPath, ["-e", program], {
        cwd: project,
        encoding: "utf8",
        env: environment,
      });
    };
    const good = received(body);
    assert.equal(good.stdout, "[ { MsgSeq: '144115200000000001' } ]\n", good.stderr);
    const forged = received(`${body} `);
    assert.equal(forged.stdout, "");
    assert.match(forged.stderr, /No matching signature/);
  });

test("compilers that ignore exports find the same files", () => {
  const { exports, typesVersions } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  assert.deepEqual(Object.keys(exports), ["./client", "./commands", "./receiver"]);
  for (const [entry, { types, default: file }] of Object.entries<Record<string, string>>(exports)) {
    assert.deepEqual(typesVersions["*"][entry.slice(2)], [types]);
    for (const path of [types, file]) assert.ok(existsSync(join(installed, path!)), path);
  }
});

test("the package holds the files for receivers and clients, and depends on nothing", () => {
  assert.deepEqual(packed.files.map(({ path }: { path: string }) => path).sort(), [
    "LICENSE",
    "README.md",
    "package.json",
    "src/cli/tim-relay.js",
    "src/client/api.d.ts",
    "src/client/export.js",
    "src/client/frames.js",
    "src/client/index.d.ts",
    "src/client/index.js",
    "src/client/listen.js",
    "src/client/poll.js",
    "src/client/request.js",
    "src/client/search.js",
    "src/client/tail.js",
    "src/receiver/commands.cjs",
    "src/receiver/commands.d.cts",
    "src/receiver/index.cjs",
    "src/receiver/index.d.cts",
  ]);
  const described = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  for (const kind of ["dependencies", "peerDependencies", "optionalDependencies"])
    assert.equal(described[kind], undefined);
});
