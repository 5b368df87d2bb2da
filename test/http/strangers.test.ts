/** Who may make the gateway read, and how much: raw connections to the real runtime. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { startGateway } from "../cli/gateway.ts";
import { app, eventually, queryOf, signed } from "./worker.ts";

const token = "callback-token";
const dataDir = mkdtempSync(join(tmpdir(), "tim-relay-"));
const gateway = await startGateway({
  dataDir,
  settings: { SDK_APP_ID: app, CALLBACK_TOKEN: token, CALLBACK_PATH: "/tim" },
});
after(async () => {
  await gateway.kill();
  rmSync(dataDir, { recursive: true });
});

const MiB = 1024 * 1024;
const command = "State.StateChange";

const trusted = () => queryOf({ CallbackCommand: command, ...signed(token) });
const unsigned = queryOf({ CallbackCommand: command });

/** All but the last byte of 1 MiB. */
const almost = Buffer.alloc(MiB - 1, "x");

interface Heard {
  text: string;
  /** Until the first byte of an answer. Milliseconds. */
  ms: number;
}

/** Sends bytes and keeps the connection open, as who drips does; resolves with the answer. */
function say(...parts: (string | Uint8Array)[]): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const at = Date.now();
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
    socket.setTimeout(10_000, () => socket.destroy(new Error("no answer within 10 s")));
    let text = "";
    let ms = 0;
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      ms ||= Date.now() - at;
      text += chunk;
      const [head = "", body] = text.split("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (body !== undefined && body.length >= length) socket.destroy();
    });
    // Who is refused while sending is cut off; the answer came before.
    socket.on("error", (error) => text === "" && reject(error));
    socket.on("close", () => resolve({ text, ms }));
    for (const part of parts) socket.write(part);
  });
}

function head(query: string, ...headers: string[]): string {
  return [`POST /tim${query} HTTP/1.1`, "Host: relay.example.com", ...headers, "", ""].join("\r\n");
}

const statusOf = ({ text }: Heard) => Number(text.split(" ")[1]);

/** What the process that runs the Worker holds, bytes; of its own pages only. */
function memory(): number {
  const { workerd } = JSON.parse(readFileSync(join(dataDir, "gateway.json"), "utf8"));
  const status = readFileSync(`/proc/${workerd}/status`, "utf8");
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** How much more it holds at most while something goes on. Bytes. */
async function growth(goesOn: () => Promise<void>): Promise<number> {
  const before = memory();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, memory());
  }, 10);
  try {
    await goesOn();
  } finally {
    clearInterval(watch);
  }
  return most - before;
}

const onLinux = { skip: process.platform !== "linux" };

test("a stranger that sends a large body hears at once, and memory stays flat", onLinux, async () => {
  await say(head(unsigned, `Content-Length: ${MiB}`), almost);
  const more = await growth(async () => {
    for (const framing of [`Content-Length: ${MiB}`, "Transfer-Encoding: chunked"]) {
      const chunk = framing.startsWith("T") ? `${MiB.toString(16)}\r\n` : "";
      const stranger = () => say(head(unsigned, framing), chunk, almost);
      for (const one of await Promise.all(Array.from({ length: 100 }, stranger))) {
        assert.equal(statusOf(one), 403, one.text);
        assert.match(one.text, /Sign is missing/);
        assert.ok(one.ms < 4_000, `${one.ms} ms`);
      }
    }
  });
  assert.ok(more < 30 * MiB, `${Math.round(more / MiB)} MiB more`);
});

test("whoever drips is given up in Tencent's time, and all of them hold little memory", onLinux, async () => {
  const more = await growth(async () => {
    const query = trusted();
    const drip = () => say(head(query, `Content-Length: ${MiB}`), almost);
    const heard = await Promise.all(Array.from({ length: 150 }, drip));
    const statuses = Map.groupBy(heard, statusOf);
    assert.deepEqual([...statuses.keys()].sort(), [400, 503]);
    for (const one of statuses.get(400) ?? []) assert.match(one.text, /the body did not arrive in time/);
    for (const one of statuses.get(503) ?? []) assert.match(one.text, /too many bodies/);
    for (const { ms } of heard) assert.ok(ms < 4_000, `${ms} ms`);
  });
  assert.ok(more < 130 * MiB, `${Math.round(more / MiB)} MiB more`);
  const whole = JSON.stringify({ Info: { To_Account: "after-the-drips" } });
  await eventually(
    async () => statusOf(await say(head(trusted(), `Content-Length: ${whole.length}`), whole)) === 200,
  );
});

/** Sends a head and some of its body, and stays; the test goes on once all of it is out. */
async function stall(query: string, bytes: Uint8Array): Promise<() => void> {
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1").on("error", () => {});
  socket.write(head(query, `Content-Length: ${MiB}`));
  await new Promise((resolve) => socket.write(bytes, resolve));
  return () => socket.destroy();
}

const whole = (query: string, body: string) => say(head(query, `Content-Length: ${body.length}`), body);
const small = JSON.stringify({ Info: { To_Account: "while-others-stall" } });
const large = JSON.stringify({ Info: { To_Account: "large" }, More: "x".repeat(512 * 1024) });

test("who announces large bodies and sends little keeps out neither small bodies nor large ones", async () => {
  const query = trusted();
  const stalled = await Promise.all(Array.from({ length: 48 }, () => stall(query, almost.subarray(0, 1024))));
  const heard = await Promise.all([small, large, small, large].map((body) => whole(query, body)));
  for (const one of stalled) one();
  for (const one of heard) assert.equal(statusOf(one), 200, one.text);
});

test("a before-callback hears its command's default when large bodies leave no room", async () => {
  const asked = (name: string) => queryOf({ CallbackCommand: name, ...signed(token) });
  const stalled = await Promise.all(Array.from({ length: 48 }, () => stall(trusted(), almost)));
  const [sent, friend, told, ...others] = await Promise.all([
    whole(asked("Group.CallbackBeforeSendMsg"), large),
    whole(asked("Sns.CallbackPrevFriendAdd"), large),
    whole(asked("State.StateChange"), small),
    ...Array.from({ length: 20 }, () => whole(asked("Tea.CallbackBeforePour"), large)),
  ]);
  for (const one of stalled) one();
  for (const one of [sent, friend, ...others]) {
    assert.equal(statusOf(one!), 200, one!.text);
    assert.match(one!.text, /"ActionStatus":"OK".*"ErrorCode":0/);
  }
  assert.match(friend!.text, /"ResultItem":\[/);
  assert.equal(statusOf(told!), 200, "small bodies have room of their own");
});

test("a drip of any kind ends: with a length, in chunks, of a few bytes", async () => {
  const query = trusted();
  const drips: (string | Uint8Array)[][] = [
    [head(query, "Content-Length: 20"), '{"Info":'],
    [head(query, "Content-Length: 20")],
    [head(query, "Transfer-Encoding: chunked"), "8\r\n", '{"Info":\r\n'],
    [head(query, "Transfer-Encoding: chunked")],
  ];
  for (const one of await Promise.all(drips.map((parts) => say(...parts)))) {
    assert.equal(statusOf(one), 400);
    assert.match(one.text, /the body did not arrive in time/);
    assert.ok(one.ms > 500 && one.ms < 3_000, `${one.ms} ms`);
  }
});

test("who may be knocking is heard out for 64 bytes, and not for long", async () => {
  const knock = queryOf({});
  assert.equal(statusOf(await say(head(knock, "Content-Length: 2"), "{}")), 200);
  assert.equal(statusOf(await say(head(knock, "Content-Length: 0"))), 200);
  assert.equal(statusOf(await say(head(knock))), 200);
  assert.equal(
    statusOf(await say(head(knock, "Transfer-Encoding: chunked"), "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")),
    200,
  );
  const refused: (string | Uint8Array)[][] = [
    [head(knock, "Content-Length: 2"), "{"],
    [head(knock, "Content-Length: 65"), "{"],
    [head(knock, "Transfer-Encoding: chunked"), "100000\r\n", almost],
    [head(knock, "Transfer-Encoding: chunked")],
  ];
  for (const one of await Promise.all(refused.map((parts) => say(...parts)))) {
    assert.equal(statusOf(one), 403);
    assert.ok(one.ms < 2_000, `${one.ms} ms`);
  }
});

test("a body that is said to be too large is refused before it comes", async () => {
  const one = await say(head(trusted(), `Content-Length: ${100 * MiB}`));
  assert.equal(statusOf(one), 413);
  assert.ok(one.ms < 1_000, `${one.ms} ms`);
});

test("a body that cannot be read is answered 400, and the log holds no stack", async () => {
  const broken = await say(head(trusted(), "Transfer-Encoding: chunked"), "zz\r\n{}\r\n");
  assert.equal(statusOf(broken), 400);
  const cutOff = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  cutOff.end(`${head(trusted(), "Content-Length: 100")}{"Info":`);
  await new Promise((resolve) => cutOff.on("close", resolve).resume());
  assert.equal(statusOf(await say(head(trusted(), "Content-Length: 2"), "{}")), 200);
  assert.doesNotMatch(gateway.log(), /^\s+at |Uncaught|stack/m);
});

test("a Host that is none is no matter: the path counts", async () => {
  for (const host of ["exa mple.com", "[::1", "a:b:c", "host:99999", "%zz", "<>", "1.2.3.4.5", "^", "a@b"]) {
    const body = JSON.stringify({ Info: { To_Account: host } });
    const asked = (path: string, method = "GET", ...more: string[]) =>
      say(
        [`${method} ${path} HTTP/1.1`, `Host: ${host}`, ...more, "", ""].join("\r\n"),
        method === "POST" ? body : "",
      );
    assert.equal(
      statusOf(await asked(`/tim${trusted()}`, "POST", `Content-Length: ${body.length}`)),
      200,
      host,
    );
    assert.equal(statusOf(await asked("/tim")), 200, host);
    assert.equal(statusOf(await asked("/nowhere")), 404, host);
    assert.equal(statusOf(await asked("/health")), 200, host);
  }
});
