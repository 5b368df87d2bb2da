import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { documentedFiles } from "../support/documented-blocks.ts";
import { packedProject } from "../support/packed.ts";

const root = join(import.meta.dirname, "../..");
const { folder: project, installed, files } = packedProject(["standardwebhooks", "@types/node"]);

/** The receiver that verifies by a library, and the two that the kit makes. */
const page = documentedFiles("docs/receiving.md");
const snippet = page.get("verify.ts")!;
const kit = ["receive.ts", "moderate.ts"].map((file) => page.get(file)!);

/** Uses of the package's other types. Every `@ts-expect-error` must be an error. */
const uses = `
import { commands, isEvent, type CloudEvent, type Event, type Verdicts } from "tim-relay/receiver";
import { commands as names, type Batch, type CloudEventBatch, type Question } from "tim-relay/commands";
import type { Envelope, GroupAfterSendMsg } from "tim-relay/commands";
import { type Delivery, parseExactly as parse, receive as receiveOne, receiver, verdict } from "tim-relay/receiver";

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
export const received = (request: Request): Promise<Delivery> => receiveOne(request, { secret: [] });
export const handlers: Parameters<typeof receiver>[0][] = [];
handlers.push({
  secret: "",
  on: {
    "Group.CallbackBeforeSendMsg": async () => verdict.rewrite({ MsgBody: [] }),
    "State.StateChange": () => {},
    // @ts-expect-error: there is no such code
    "OfficialAccount.CallbackBeforeAddSubscriber": () => verdict.refuse(2),
    // @ts-expect-error: each target has its own code
    "Sns.CallbackPrevFriendAdd": () => verdict.refuse(38000),
    // @ts-expect-error: there is no such field
    "Group.CallbackAfterSendMsg": ({ data }) => console.log(data.Nobody),
  },
});
// @ts-expect-error: there is no such command
handlers.push({ secret: "", on: { "Group.CallbackAfterSendMessage": () => {} } });
// @ts-expect-error: there is no such code
export const wrong: Verdicts["OfficialAccount.CallbackBeforeAddSubscriber"] = { ErrorCode: 2 };
`;

before(() => {
  for (const extension of ["ts", "cts", "mts"]) {
    writeFileSync(join(project, `receive.${extension}`), snippet + uses);
    for (const [index, code] of kit.entries())
      writeFileSync(join(project, `kit-${index}.${extension}`), code);
  }
});

/** By command line: several tests use what one compiler has written. */
const compilations = new Map<string, string>();

/** The strict compiler's problems with the receivers; it writes the JavaScript beside their sources. */
function compiled(extension: string, module: string, resolution: string): string {
  const key = [extension, module, resolution].join(" ");
  const said = compilations.get(key) ?? compile(extension, module, resolution);
  compilations.set(key, said);
  return said;
}

function compile(extension: string, module: string, resolution: string): string {
  const sources = ["receive", ...kit.keys().map((index) => `kit-${index}`)].map(
    (name) => `${name}.${extension}`,
  );
  const tsc = join(root, "node_modules/@typescript/native/bin/tsc");
  const options = ["--strict", "--target", "es2022", "--types", "node", "--ignoreConfig"];
  const args = [...options, "--module", module, "--moduleResolution", resolution, ...sources];
  const { stdout, stderr } = spawnSync(process.execPath, [tsc, ...args], { cwd: project, encoding: "utf8" });
  return stdout + stderr;
}

for (const [extension, module, resolution] of [
  ["cts", "node16", "node16"],
  ["mts", "node16", "node16"],
  ["cts", "nodenext", "nodenext"],
  ["mts", "nodenext", "nodenext"],
  ["ts", "esnext", "bundler"],
  ["ts", "commonjs", "bundler"],
] as const)
  test(`the page's receivers compile strictly: ${extension}, ${resolution}, ${module}`, () => {
    assert.equal(compiled(extension, module, resolution), "");
  });

for (const [extension, module] of [
  ["cts", "receive.cjs"],
  ["mts", "receive.mjs"],
] as const)
  test(`the page's receiver accepts only its own gateway's signature, and reads large numbers: ${module}`, () => {
    assert.equal(compiled(extension, "node16", "node16"), "");
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
  assert.deepEqual(files, [
    "LICENSE",
    "README.md",
    "README.zh-CN.md",
    "package.json",
    "src/cli/tim-relay.js",
    "src/client/api.d.ts",
    "src/client/export.js",
    "src/client/frames.js",
    "src/client/index.d.ts",
    "src/client/index.js",
    "src/client/listen.js",
    "src/client/path-part.js",
    "src/client/poll.js",
    "src/client/request.js",
    "src/client/search.js",
    "src/client/tail.js",
    "src/receiver/commands.cjs",
    "src/receiver/commands.d.cts",
    "src/receiver/events.cjs",
    "src/receiver/exact.cjs",
    "src/receiver/index.cjs",
    "src/receiver/index.d.cts",
    "src/receiver/memory-store.cjs",
    "src/receiver/node.cjs",
    "src/receiver/receive.cjs",
    "src/receiver/refusal.cjs",
    "src/receiver/verdict.cjs",
    "src/receiver/verify.cjs",
  ]);
  const described = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  for (const kind of ["dependencies", "peerDependencies", "optionalDependencies"])
    assert.equal(described[kind], undefined);
});
