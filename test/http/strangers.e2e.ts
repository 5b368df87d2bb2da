/** How much the gateway reads of which callers: raw connections to the real runtime. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { callbackToken, queryOf, signed } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { privateBytes, untold } from "../support/process-stats.ts";
import { exchange, type Heard } from "../support/raw.ts";
import { until } from "../support/until.ts";

const gateway = await startGateway({ CALLBACK_PATH: "/tim" });

const MiB = 1024 * 1024;
const command = "State.StateChange";

const trusted = () => queryOf({ CallbackCommand: command, ...signed(callbackToken) });
const unsigned = queryOf({ CallbackCommand: command });

/** All but the last byte of 1 MiB. */
const almost = Buffer.alloc(MiB - 1, "x");

/** Sends bytes and keeps the connection open, as a dripping caller does. */
const say = (...parts: (string | Uint8Array)[]) => exchange(gateway.url, parts);

function head(query: string, ...headers: string[]): string {
  return [`POST /tim${query} HTTP/1.1`, "Host: relay.example.com", ...headers, "", ""].join("\r\n");
}

const memory = () => privateBytes(gateway.pid);

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

const onLinux = { skip: untold };

test("a large body without a signature is refused at once, and memory stays flat", onLinux, async () => {
  await say(head(unsigned, `Content-Length: ${MiB}`), almost);
  const more = await growth(async () => {
    for (const framing of [`Content-Length: ${MiB}`, "Transfer-Encoding: chunked"]) {
      const chunk = framing.startsWith("T") ? `${MiB.toString(16)}\r\n` : "";
      const stranger = () => say(head(unsigned, framing), chunk, almost);
      for (const one of await Promise.all(Array.from({ length: 100 }, stranger))) {
        assert.equal(one.status, 403, one.text);
        assert.match(one.text, /Sign is missing/);
        assert.ok(one.ms < 10_000, `${one.ms} ms`);
      }
    }
  });
  assert.ok(more < 40 * MiB, `${Math.round(more / MiB)} MiB more`);
});

test("dripping callers are answered within Tencent's 2 s, and hold little memory", onLinux, async () => {
  const more = await growth(async () => {
    const query = trusted();
    const drip = () => say(head(query, `Content-Length: ${MiB}`), almost);
    // On a busy machine the time of the first may be up before so many have come.
    await until("some find no room", async () => {
      const heard = await Promise.all(Array.from({ length: 75 }, drip));
      for (const { status, text, ms } of heard) {
        assert.match(
          text,
          status === 503 ? /too many bodies/ : /^HTTP\/1\.1 400 .*the body did not arrive in time/s,
        );
        assert.ok(ms < 10_000, `${ms} ms`);
      }
      const statuses = new Set(heard.map(({ status }) => status));
      return statuses.has(400) && statuses.has(503);
    });
  });
  assert.ok(more < 130 * MiB, `${Math.round(more / MiB)} MiB more`);
  const whole = JSON.stringify({ Info: { To_Account: "after-the-drips" } });
  await until(
    "a whole body is accepted",
    async () => (await say(head(trusted(), `Content-Length: ${whole.length}`), whole)).status === 200,
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

/** The answers to some bodies while callers stall. All is done again where a busy machine has brought a body too late. */
function whileStalling<Answers extends readonly Heard[]>(
  bytes: Uint8Array,
  act: () => Promise<Answers>,
): Promise<Answers> {
  return until("each body arrives in time", async () => {
    const stalled = await Promise.all(Array.from({ length: 36 }, () => stall(trusted(), bytes)));
    const heard = await act();
    for (const one of stalled) one();
    return heard.every(({ text }) => !text.includes("did not arrive in time")) && heard;
  });
}

test("callers that announce large bodies and send little keep out no other callers", async () => {
  const heard = await whileStalling(almost.subarray(0, 1024), () =>
    Promise.all([small, large, small, large].map((body) => whole(trusted(), body))),
  );
  for (const one of heard) assert.equal(one.status, 200, one.text);
});

test("a before-callback gets its command's default verdict when large bodies leave no room", async () => {
  const asked = (name: string) => queryOf({ CallbackCommand: name, ...signed(callbackToken) });
  const [sent, friend, told, ...others] = await whileStalling(almost, () =>
    Promise.all([
      whole(asked("Group.CallbackBeforeSendMsg"), large),
      whole(asked("Sns.CallbackPrevFriendAdd"), large),
      whole(asked("State.StateChange"), small),
      ...Array.from({ length: 10 }, () => whole(asked("Tea.CallbackBeforePour"), large)),
    ]),
  );
  for (const one of [sent, friend, ...others]) {
    assert.equal(one!.status, 200, one!.text);
    assert.match(one!.text, /"ActionStatus":"OK".*"ErrorCode":0/);
  }
  assert.match(friend!.text, /"ResultItem":\[/);
  assert.equal(told!.status, 200, "small bodies have room of their own");
});

test("a dripping body ends in 400, with a length, in chunks, or of a few bytes", async () => {
  const query = trusted();
  const drips: (string | Uint8Array)[][] = [
    [head(query, "Content-Length: 20"), '{"Info":'],
    [head(query, "Content-Length: 20")],
    [head(query, "Transfer-Encoding: chunked"), "8\r\n", '{"Info":\r\n'],
    [head(query, "Transfer-Encoding: chunked")],
  ];
  for (const one of await Promise.all(drips.map((parts) => say(...parts)))) {
    assert.equal(one.status, 400);
    assert.match(one.text, /the body did not arrive in time/);
    assert.ok(one.ms > 500 && one.ms < 10_000, `${one.ms} ms`);
  }
});

test("a possible probe is read up to 64 bytes, and not for long", async () => {
  const knock = queryOf({});
  assert.equal((await say(head(knock, "Content-Length: 2"), "{}")).status, 200);
  assert.equal((await say(head(knock, "Content-Length: 0"))).status, 200);
  assert.equal((await say(head(knock))).status, 200);
  assert.equal(
    (await say(head(knock, "Transfer-Encoding: chunked"), "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")).status,
    200,
  );
  const refused: (string | Uint8Array)[][] = [
    [head(knock, "Content-Length: 2"), "{"],
    [head(knock, "Content-Length: 65"), "{"],
    [head(knock, "Transfer-Encoding: chunked"), "100000\r\n", almost],
    [head(knock, "Transfer-Encoding: chunked")],
  ];
  for (const one of await Promise.all(refused.map((parts) => say(...parts)))) {
    assert.equal(one.status, 403);
    assert.ok(one.ms < 10_000, `${one.ms} ms`);
  }
});

test("a body whose announced length is too large is refused before it comes", async () => {
  const one = await say(head(trusted(), `Content-Length: ${100 * MiB}`));
  assert.equal(one.status, 413);
  assert.ok(one.ms < 10_000, `${one.ms} ms`);
});

test("a body that cannot be read is 400, and the log has no stack trace", async () => {
  const broken = await say(head(trusted(), "Transfer-Encoding: chunked"), "zz\r\n{}\r\n");
  assert.equal(broken.status, 400);
  const cutOff = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  cutOff.end(`${head(trusted(), "Content-Length: 100")}{"Info":`);
  await new Promise((resolve) => cutOff.on("close", resolve).resume());
  assert.equal((await say(head(trusted(), "Content-Length: 2"), "{}")).status, 200);
  assert.doesNotMatch(gateway.log(), /^\s+at |Uncaught|stack/m);
});

test("an invalid Host does not matter", async () => {
  for (const host of ["exa mple.com", "[::1", "a:b:c", "host:99999", "%zz", "<>", "1.2.3.4.5", "^", "a@b"]) {
    const body = JSON.stringify({ Info: { To_Account: host } });
    const asked = (path: string, method = "GET", ...more: string[]) =>
      say(
        [`${method} ${path} HTTP/1.1`, `Host: ${host}`, ...more, "", ""].join("\r\n"),
        method === "POST" ? body : "",
      );
    assert.equal(
      (await asked(`/tim${trusted()}`, "POST", `Content-Length: ${body.length}`)).status,
      200,
      host,
    );
    assert.equal((await asked("/tim")).status, 200, host);
    assert.equal((await asked("/nowhere")).status, 404, host);
    assert.equal((await asked("/health")).status, 200, host);
  }
});
