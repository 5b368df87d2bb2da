/**
 * Commands with the troubles of their gateway, on screens of all kinds in turn: one right sentence each, and nothing
 * else. A new command that talks to a gateway takes part by itself, or fails here until its arguments are known.
 */
import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import stringWidth from "string-width";
import { commands } from "../../src/cli/commands.ts";
import { repeat } from "../../src/cli/send/post.ts";
import { version } from "../../src/version.ts";
import { adminToken } from "../support/client.ts";
import { type Outcome, outcomeOf, program } from "../support/command.ts";
import { startGateway } from "../support/gateway.ts";
import { listen } from "../support/listen.ts";
import { json, server } from "../support/other-server.ts";
import { unusedPort } from "../support/port.ts";
import { times } from "../support/repetition.ts";
import { inTerminal, noTerminal } from "../support/terminal.ts";

const cwd = realpathSync(mkdtempSync(join(tmpdir(), "tim-relay-matrix-")));
after(() => rmSync(cwd, { recursive: true, maxRetries: 5 }));
writeFileSync(join(cwd, "rules.json"), '[{"name": "audit", "url": "https://audit.example.com/"}]');

/** A command without commands of its own, by the words that call it. */
interface Leaf {
  words: readonly string[];
  name: string;
  command: CommandUnknownOpts;
}

function leavesOf(command: CommandUnknownOpts, before: readonly string[] = []): Leaf[] {
  const words = [...before, command.name()];
  if (command.commands.length === 0) return [{ words, name: words.join(" "), command }];
  return command.commands.flatMap((one) => leavesOf(one, words));
}

const leaves = commands.flatMap((command) => leavesOf(command as CommandUnknownOpts));

const has = ({ command }: Leaf, option: string) => command.options.some(({ long }) => long === option);

/** These tell of troubles in their own way, and have tests of their own below. */
const apart = ["send", "doctor", "mcp"];

const asking = leaves.filter(
  (leaf) => has(leaf, "--url") && has(leaf, "--timeout") && !apart.includes(leaf.name),
);

/** A value for each argument that a command must have, by the argument's name. */
const values: Readonly<Record<string, string>> = {
  destination: "audit",
  id: "evt_1",
  account: "minh",
  folder: "copy",
};

/** What a command takes besides, so that it asks its gateway; of those that act, so that it would act. */
const more: Readonly<Record<string, readonly string[]>> = {
  replay: ["--destination", "audit", "--since", "1h"],
  "dead-letters": ["--replay", "--ids", "evt_1"],
  forget: ["--yes"],
  listen: ["--to", "http://localhost:9/"],
  erase: ["--yes"],
  "rules test": ["rules.json", "--last", "5"],
};

function useOf({ words, name, command }: Leaf): string[] {
  const given = command.registeredArguments
    .filter(({ required }) => required)
    .map((argument) => values[argument.name()] ?? assert.fail(`${name}: no value for <${argument.name()}>`));
  return [...words, ...given, ...(more[name] ?? [])];
}

interface Screen {
  /** Of a terminal; undefined: two pipes. */
  columns?: number;
  plain?: true;
  json?: true;
}

const pipes: readonly Screen[] = [{}, { json: true }];
const terminals: readonly Screen[] = [
  { columns: 80 },
  { columns: 200, json: true },
  { columns: 200 },
  { columns: 80, plain: true },
];
const screens = noTerminal ? pipes : [...pipes, ...terminals];

/** Begins whatever a terminal obeys. */
const esc = "\u001b";

interface Seen extends Outcome {
  /** What a person reads there as the lines of one text, or a program on stderr. */
  text: string;
}

/** Runs a command on a screen. Fails where a line is too wide, has colours that nobody asked for, or is of a stack. */
async function seenOn(screen: Screen, args: readonly string[], flawless = false): Promise<Seen> {
  const { columns, plain, json } = screen;
  const all = [...args, ...(json ? ["--json"] : [])];
  const shown = `${all.join(" ")} on ${JSON.stringify(screen)}`;
  const environment: Record<string, string> = plain ? { NO_COLOR: "1" } : {};
  let seen: Seen;
  if (columns === undefined) {
    const outcome = await outcomeOf(all, { cwd, environment });
    seen = { ...outcome, text: outcome.errors.trimEnd() };
  } else {
    const terminal = inTerminal([process.execPath, program, ...all], { columns, cwd, environment });
    const code = await terminal.ended;
    const output = terminal.log();
    const lines = stripVTControlCharacters(output).trimEnd().split("\n");
    for (const line of lines) assert.ok(stringWidth(line) <= columns, `${shown}: ${line}`);
    seen = { code, output, errors: "", text: lines.join(" ") };
  }
  const everything = seen.output + seen.errors;
  if (columns === undefined || plain || flawless) assert.ok(!everything.includes(esc), shown);
  assert.doesNotMatch(everything, /\n\s+at /, shown);
  return seen;
}

/** Runs all, four at a time. Fails with the failures of all. */
async function allOf<Item>(items: readonly Item[], act: (item: Item, index: number) => Promise<void>) {
  const failures: string[] = [];
  const one = (index: number) =>
    act(items[index]!, index).catch((error: unknown) => failures.push(String(error)));
  await repeat(one, items.length, 4, Number.POSITIVE_INFINITY);
  assert.deepEqual(failures, []);
}

/** Fails unless a command, on the screen whose turn it is, says a sentence and nothing else, and ends with a code. */
async function assertSays(args: readonly string[], turn: number, sentence: RegExp, code: 1 | 2) {
  const screen = screens[turn % screens.length]!;
  const seen = await seenOn(screen, args);
  const shown = `${args.join(" ")} on ${JSON.stringify(screen)}`;
  assert.match(seen.text, sentence, `${shown}: ${seen.text}`);
  assert.ok(!seen.output.includes(esc), shown);
  if (screen.columns === undefined) {
    assert.equal(seen.output, "", shown);
    assert.match(seen.errors, /^[^\n]+\n$/, shown);
  }
  assert.equal(seen.code, code, shown);
}

const readToken = "test-read-token";
const gateway = await startGateway({
  READ_TOKEN: readToken,
  FORWARD_RULES: [{ name: "audit", url: "http://127.0.0.1:9/" }],
});

/** An address on which nothing listens. */
const nowhere = async () => `http://127.0.0.1:${await unusedPort()}`;

interface Trouble {
  url: string;
  args?: readonly string[];
  sentence: RegExp;
}

const noSuchToken = "this takes an ADMIN_TOKEN, and the bearer token is none";
const tooMany = "too many wrong tokens came from this address: wait 52 s, or send the right one";

const somewhere = "http://127\\.0\\.0\\.1:\\d+";
/** A sentence; for `URL`, an address on this machine. */
const says = (text: string) =>
  new RegExp(`^${text.replace(/[.+?^$(){}|[\]\\]/g, "\\$&").replaceAll("URL", somewhere)}$`);

const troubles: Readonly<Record<string, Trouble>> = {
  "is down": {
    url: await nowhere(),
    sentence: says("nothing listens on URL: is the gateway running (npm start)?"),
  },
  "is slow": {
    url: await server(() => {}),
    args: ["--timeout", "0.3"],
    sentence: says("URL has not answered within 0.3 s: --timeout waits longer"),
  },
  "refuses the token": {
    url: await server(json(401, { error: { code: "wrong_token", message: noSuchToken } })),
    args: ["--token", "of-another-gateway"],
    sentence: new RegExp(
      `^${somewhere} refuses the token of --token: ${noSuchToken}(; with a rule's secret, name the rule)?$`,
    ),
  },
  "has had too many wrong tokens": {
    url: await server(json(429, { error: { code: "too_many_wrong_tokens", message: tooMany } })),
    args: ["--token", "of-another-gateway"],
    sentence: says(`${tooMany} (URL)`),
  },
  "is of another version": {
    url: await server((request, response) =>
      request.url === "/health"
        ? json(200, { status: "ok", version: "0.0.7", problems: [] })(request, response)
        : json(404, { error: { code: "unknown_route", message: "nothing is here" } })(request, response),
    ),
    args: ["--token", "its"],
    sentence: says(
      `URL runs tim-relay 0.0.7, which does not know this command of tim-relay ${version}: deploy this release, or use the program of that one`,
    ),
  },
  "is another server": {
    url: await server((_, response) =>
      response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome</h1>"),
    ),
    sentence: says(
      "URL answered 200 and text/html, and not as a gateway does: it is another server, or a proxy stands before it; the address is that of --url",
    ),
  },
  "breaks its answer off": {
    url: await server((request, response) => {
      const type = request.url!.startsWith("/api/export") ? "application/x-ndjson" : "application/json";
      response.writeHead(200, { "content-type": type, "content-length": "1000" });
      response.write('{"events":[', () => request.socket.destroy());
    }),
    sentence: says("URL broke the connection off: try again in a moment"),
  },
};

/** Each command meets every other trouble, and each trouble every other command. With TIMES=2, all meet. */
const meets = (place: number) => times > 1 || place % 2 === 0;

for (const [turn, [name, { url, args = [], sentence }]] of Object.entries(troubles).entries())
  test(`a gateway that ${name}`, async () => {
    const places = asking.map((leaf, index) => ({ leaf, place: turn + index }));
    await allOf(
      places.filter(({ place }) => meets(place)),
      ({ leaf, place }) =>
        assertSays([...useOf(leaf), "--url", url, ...args], Math.floor(place / 2), sentence, 1),
    );
  });

/** Runs until it is ended. */
const endless = ["tail", "listen"];

test("commands that act take an ADMIN_TOKEN, and say so to a READ_TOKEN", async () => {
  const refusal = says(
    "URL refuses the token of --token: this takes an ADMIN_TOKEN, and a READ_TOKEN may only read",
  );
  const refused: string[] = [];
  await allOf(
    asking.filter(({ name }) => !endless.includes(name)),
    async (leaf) => {
      const args = [...useOf(leaf), "--url", gateway.url, "--token", readToken];
      const { code, output, errors } = await outcomeOf(args, { cwd });
      const isRefused = refusal.test(errors.trimEnd());
      const help = leaf.command.options.find(({ long }) => long === "--token")!.description;
      assert.match(help, isRefused ? /^an ADMIN_TOKEN of it/ : /READ_TOKEN/, leaf.name);
      if (!isRefused) return;
      assert.deepEqual([code, output], [1, ""], leaf.name);
      refused.push(leaf.name);
    },
  );
  assert.deepEqual(refused.sort(), [
    ...[
      "dead-letters",
      "erase",
      "forget",
      "pause",
      "replay",
      "resume",
      "retry",
      "rules test",
      "skip",
      "test",
    ],
  ]);
});

test("send says why there is no answer; with --json that is in the value, too", async () => {
  const names = ["is down", "is slow", "is another server", "breaks its answer off"];
  await allOf([...names, ...names], async (name, turn) => {
    const { url, args = [], sentence } = troubles[name]!;
    const screen = screens[(turn + (turn < names.length ? 0 : 1)) % screens.length]!;
    const seen = await seenOn(screen, ["send", "State.StateChange", "--url", url, ...args]);
    assert.equal(seen.code, 1);
    if (screen.json && screen.columns === undefined)
      assert.equal(JSON.parse(seen.output).failure, seen.text, seen.output);
    if (!screen.json) assert.match(seen.text, sentence);
    if (!screen.json && screen.columns === undefined) assert.equal(seen.output, "");
  });
});

test("the doctor says what it found on its own paper", async () => {
  await allOf(Object.entries(troubles), async ([name, { url, args = [] }], turn) => {
    const screen = screens[turn % screens.length]!;
    const seen = await seenOn(screen, ["doctor", "--url", url, ...args]);
    assert.equal(seen.code, 1, name);
    assert.equal(seen.errors, "", name);
    if (screen.json) assert.equal(JSON.parse(seen.output).state, "problem", name);
    else assert.match(seen.output, /mend: [\s\S]*\n\d+ checks: \d+ fine, [1-9]\d* problems?, /, name);
  });
});

test("an agent is told the sentence, and the server goes on", async () => {
  await allOf(Object.entries(troubles), async ([name, { url, args = [], sentence }]) => {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [program, "mcp", "--url", url, ...args],
      cwd,
      stderr: "pipe",
    });
    const client = new Client({ name: "test", version: "1" });
    let errors = "";
    transport.stderr!.on("data", (chunk) => {
      errors += chunk;
    });
    try {
      await client.connect(transport);
      for (let call = 0; call < 2; call++) {
        const { content, isError } = await client.callTool({ name: "destinations", arguments: {} });
        const [only] = content;
        assert.ok(isError && only?.type === "text", name);
        assert.match(only.text, sentence, name);
      }
    } finally {
      await client.close();
    }
    assert.equal(errors, "", name);
  });
});

test("a wrong use of any command is told in a line and ends with 2, whatever it does otherwise", async () => {
  await allOf(leaves, async (leaf, turn) => {
    const { json, ...screen } = screens[turn % screens.length]!;
    const seen = await seenOn(screen, [...useOf(leaf), "--no-such-option"], true);
    assert.match(seen.text, /^unknown option '--no-such-option'\s--help tells more$/, leaf.name);
    assert.equal(seen.code, 2, leaf.name);
  });
  await allOf(screens, async ({ json, ...screen }) => {
    const seen = await seenOn(screen, ["evnets"], true);
    assert.match(seen.text, /^unknown command 'evnets'\s\(Did you mean events\?\)\s--help tells more$/);
    assert.equal(seen.code, 2);
  });
});

test("help fits the terminal, and no warning of Node comes before it", async () => {
  await allOf(leaves, async ({ words, name }, turn) => {
    const { json, ...screen } = screens[turn % screens.length]!;
    const { code, output, errors } = await seenOn(screen, [...words, "--help"]);
    assert.match(stripVTControlCharacters(output), new RegExp(`^Usage: tim-relay ${name}`));
    assert.deepEqual([code, errors], [0, ""], name);
  });
});

test("a wrong value is told in one form, whoever finds it", async () => {
  const values: readonly (readonly [readonly string[], string])[] = [
    [["events", "-n", "x"], '--limit: expected a whole number above 0, got "x"'],
    [["events", "--limit", "it's '0'"], `--limit: expected a whole number above 0, got "it's '0'"`],
    [["replay", "--state", "gone"], '--state: expected one of all, dead, quarantined, got "gone"'],
    [["tail", "--timeout", "0"], '--timeout: expected a number of seconds, got "0"'],
    [["complete", "csh"], '<shell>: expected one of zsh, bash, fish, powershell, got "csh"'],
  ];
  await allOf(values, async ([args, sentence]) => {
    const { code, output, errors } = await outcomeOf(args, { cwd });
    assert.deepEqual([code, output, errors], [2, "", `${sentence}\n--help tells more\n`]);
  });
});

test("help has a command's own options first, and its lines are as full as a terminal of 60 columns allows", {
  skip: noTerminal,
}, async () => {
  const columns = 60;
  await allOf(["setup", "replay", "verdicts", "rules test"], async (name) => {
    const { output } = await seenOn({ columns }, [...name.split(" "), "--help"]);
    const blocks = stripVTControlCharacters(output)
      .replaceAll("\r", "")
      .split("\n\n")
      .map((block) => block.split("\n"));
    const [, ...options] = blocks.find(([title]) => title === "Options:")!;
    for (const line of options.filter(Boolean)) assert.match(line, /^ {2}/, `${name}: ${line}`);
    const last = options.findIndex((line) => /^ {2}--(url|timeout)/.test(line));
    const after = options.slice(last).filter((line) => line.startsWith("  -"));
    assert.doesNotMatch(after.join("\n"), /--(?!url|token|timeout|json|help)[a-z]+ /, name);
    const paragraphs = blocks.filter(([line]) => /^(?!Usage|Options|Arguments|Example)\S/.test(line!));
    for (const [index, line] of paragraphs.flatMap((lines) => lines.slice(0, -1)).entries()) {
      const [word = ""] = paragraphs.flatMap((lines) => lines.slice(1))[index]!.split(" ");
      assert.ok(stringWidth(`${line} ${word}`) > columns, `${name}: ${line}`);
    }
  });
});

/** Commands that need no gateway, and their own troubles. A `FILE` stands in the folder where they run. */
const ownTroubles: readonly (readonly [string, RegExp, (1 | 2)?])[] = [
  ["rules check nowhere.json", /^nowhere\.json: no such file or directory$/],
  ["rules check broken.json", /^broken\.json:1: .+$/],
  ["rules test rules.json --event nowhere.json", /^nowhere\.json: no such file or directory$/],
  ["rules test rules.json --event broken.json", /^broken\.json is not JSON: .+$/],
  ["rules test rules.json", /^give either --event or --last$/, 2],
  [
    "send Group.CallbackAfterRecalMsg",
    /^there is no command .*: did you mean .*Group\.CallbackAfterRecallMsg.*\?$/,
    2,
  ],
  ["send State.StateChange --url gateway", /^--url: "gateway" is not a URL such as .+$/, 2],
  ["events --url gateway", /^--url: expected an address such as .+, got "gateway"$/, 2],
  ["export --output nowhere/events.ndjson", /^nowhere\/events\.ndjson: no such file or directory$/],
];

test("troubles of files and words are one sentence, too", async () => {
  writeFileSync(join(cwd, "broken.json"), "[{");
  await allOf(ownTroubles, async ([line, sentence, code = 1], turn) => {
    const args = line.split(" ");
    if (line.startsWith("export")) args.push("--url", gateway.url, "--token", adminToken);
    // Every other screen: `rules check` and others print JSON where they are asked for it.
    const plain = screens.filter(({ json }) => !json);
    await assertSays(args, screens.indexOf(plain[turn % plain.length]!), sentence, code);
  });
});

test("troubles of serve are one sentence, too", async () => {
  const taken = createServer();
  const { port } = new URL(await listen(taken));
  after(() => taken.close());
  const troubles: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ PORT: port }, /^port \d+ of 127\.0\.0\.1 is in use by another program: .* choose another PORT\n$/],
    [{ PORT: "http" }, /^PORT must be a whole number from 0 to 65535, not "http"\n$/],
    [{ HOST: "203.0.113.7", PORT: "0" }, /^cannot listen on 203\.0\.113\.7, port 0: .+\n$/],
    [{ DATA_DIR: join(cwd, "rules.json") }, /^DATA_DIR \S+rules\.json cannot be used: .+\n$/],
  ];
  await allOf(troubles, async ([environment, sentence]) => {
    const dataDir = mkdtempSync(join(cwd, "data-"));
    const outcome = await outcomeOf(["serve"], { cwd, environment: { DATA_DIR: dataDir, ...environment } });
    assert.match(outcome.errors, sentence);
    assert.deepEqual([outcome.code, outcome.output], [1, ""]);
  });
});

test("completion says nothing where the gateway is down", async () => {
  const environment = { TIM_RELAY_URL: await nowhere() };
  const { code, output, errors } = await outcomeOf(["complete", "--", "pause", ""], { cwd, environment });
  assert.deepEqual([code, errors], [0, ""]);
  assert.match(output, /^:\d+\n$/);
});
