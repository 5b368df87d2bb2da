/** One right sentence each, where a gateway does not answer as it should. */
import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { version } from "../../src/version.ts";
import { startGateway } from "../support/gateway.ts";
import { json, server } from "../support/other-server.ts";
import { unusedPort } from "../support/port.ts";
import { run } from "../support/program.ts";

const cwd = realpathSync(mkdtempSync(join(tmpdir(), "tim-relay-cli-")));
after(() => rmSync(cwd, { recursive: true, maxRetries: 5 }));

/** Runs a command. Its output is expected to be one line. */
async function relay(url: string, args: readonly string[], environment: Record<string, string> = {}) {
  const program = run("tim-relay.js", { cwd, args: [...args, "--url", url], environment });
  const code = await program.ended;
  assert.match(program.log(), /^[^\n]+\n$/);
  return { code, sentence: program.log().trimEnd() };
}

test("a gateway that is down", async () => {
  const url = `http://127.0.0.1:${await unusedPort()}`;
  assert.deepEqual(await relay(url, ["events"]), {
    code: 1,
    sentence: `nothing listens on ${url}: is the gateway running (npm start)?`,
  });
  const away = "https://gateway.invalid";
  const { sentence } = await relay(away, ["destinations"]);
  assert.match(
    sentence,
    /^the name gateway\.invalid (is not known|cannot be looked up now): is the address of --url right\?$/,
  );
});

test("a gateway that is slow", async () => {
  const url = await server(() => {});
  const { code, sentence } = await relay(url, ["events", "--timeout", "0.2"]);
  assert.deepEqual([code, sentence], [1, `${url} has not answered within 0.2 s: --timeout waits longer`]);
});

test("a gateway that breaks the connection off", async () => {
  const url = await server((request) => request.socket.destroy());
  assert.equal(
    (await relay(url, ["events"])).sentence,
    `${url} broke the connection off: try again in a moment`,
  );
});

test("a gateway that refuses the token, or asks for one, or has none", async () => {
  const gateway = await startGateway();
  const { url } = gateway;
  assert.deepEqual(await relay(url, ["events", "--token", "wrong"]), {
    code: 1,
    sentence: `${url} refuses the token of --token: this takes an ADMIN_TOKEN or a READ_TOKEN, and the bearer token is none`,
  });
  assert.equal(
    (await relay(url, ["events"], { TIM_RELAY_TOKEN: "wrong" })).sentence,
    `${url} refuses the token of TIM_RELAY_TOKEN: this takes an ADMIN_TOKEN or a READ_TOKEN, and the bearer token is none`,
  );
  assert.equal(
    (await relay(url, ["events"])).sentence,
    `${url} asks for a token: this takes an ADMIN_TOKEN or a READ_TOKEN, as Authorization: Bearer <token>; give --token, or set TIM_RELAY_TOKEN, or ADMIN_TOKEN in .dev.vars`,
  );
  await gateway.restart({ ADMIN_TOKEN: "" });
  assert.match(
    (await relay(gateway.url, ["events", "--token", "x"])).sentence,
    /^no ADMIN_TOKEN opens the API: /,
  );
});

test("a gateway of another release", async () => {
  const other =
    (answers: unknown) =>
    (url = "") =>
      url.startsWith("/health") ? { status: "ok", version: "0.0.7", problems: [] } : answers;
  const lacking = await server((request, response) => {
    const known = request.url === "/health";
    const value = known
      ? other({})(request.url)
      : { error: { code: "unknown_route", message: "nothing here" } };
    json(known ? 200 : 404, value)(request, response);
  });
  assert.deepEqual(await relay(lacking, ["destinations"]), {
    code: 1,
    sentence: `${lacking} runs tim-relay 0.0.7, which does not know this command of tim-relay ${version}: deploy this release, or use the program of that one`,
  });
  const strange = await server((request, response) =>
    json(200, other({ list: [] })(request.url))(request, response),
  );
  for (const args of [["events"], ["destinations"], ["show", "evt_1"]])
    assert.equal(
      (await relay(strange, args)).sentence,
      `${strange} runs tim-relay 0.0.7, whose answer this tim-relay ${version} does not understand: deploy this release, or use the program of that one`,
    );
});

test("a server that is no gateway, or a proxy before it", async () => {
  const page = await server((_, response) =>
    response.writeHead(502, { "content-type": "text/html; charset=utf-8" }).end("<h1>Bad gateway</h1>"),
  );
  assert.deepEqual(await relay(page, ["events"]), {
    code: 1,
    sentence: `${page} answered 502 and text/html, and not as a gateway does: it is another server, or a proxy stands before it; the address is that of --url`,
  });
  const welcome = await server((_, response) =>
    response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome</h1>"),
  );
  assert.match((await relay(welcome, ["events"])).sentence, /answered 200 and text\/html, and not as/);
  const login = await server((_, response) =>
    response.writeHead(302, { location: "https://login.example.com/" }).end(),
  );
  assert.match(
    (await relay(login, ["events"])).sentence,
    /302, which leads to https:\/\/login\.example\.com\/,/,
  );
  const other = await server(json(404, { message: "Not Found" }));
  assert.match((await relay(other, ["events"])).sentence, /answered 404 and application\/json, and not as/);
});

test("the token of this machine's gateway is shown to no other machine", async () => {
  const program = run("tim-relay.js", {
    cwd,
    args: ["events", "--url", "https://gateway.invalid"],
    environment: { ADMIN_TOKEN: "local-secret", NODE_DEBUG: "http,undici,fetch" },
  });
  await program.ended;
  assert.doesNotMatch(program.log(), /local-secret/);
});
