/** A gateway with all kinds of rules, and secrets of all kinds, whose receivers look for secrets in their requests. */
import { createServer, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { Chance } from "../support/chance.ts";
import { adminToken } from "../support/client.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { listen } from "../support/listen.ts";
import { until } from "../support/until.ts";
import { bytesOf } from "./draft.ts";
import { drawCallback, type Known } from "./grammar.ts";
import { textOf } from "./json-tree.ts";
import { leakFinder, type Secret } from "./leaks.ts";
import { mutated, naughtyText } from "./mutations.ts";
import { connected } from "./wire.ts";

const callbackPath = "/tim";

/** The values are random for a reader, and their beginnings occur nowhere else. */
const secrets = {
  CALLBACK_TOKEN: "hq7Zr2mXw9KdPv4c",
  OTHER_CALLBACK_TOKEN: "T8vNq3sLy6BgJf1u",
  OTHER_ADMIN_TOKEN: "x4RkW7cEz9Mp2Ydh",
  HOOK_SECRET: "whsec_bWx3OHJ2Z2Y0Y3EydGs5cGU3dWpkNmhz",
  HOOK_KEY: "Ga5jUe8oQi3nSb7w",
  RAW_TOKEN: "Vd6tHy1xCk9zLm4p",
  TIM_RELAY_STOP_TOKEN: "Nf2rJw8qXb5vTc7s",
} as const;

/** The key in an address. */
const urlKey = "Kp9sDg3hZx6cQw1e";

/** A receiver of one rule: it hands over each request, and answers with a status and a text. */
async function receiver(answer: (request: IncomingMessage, bytes: Buffer) => [status: number, text: string]) {
  const server = createServer({ maxHeaderSize: 128 * 1024 }, async (request, response) => {
    const bytes = await buffer(request).catch(() => null);
    if (bytes === null) return;
    const [status, text] = answer(request, bytes);
    response.writeHead(status, { "content-type": "application/json" }).end(text);
  });
  return {
    url: await listen(server),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

export interface World {
  gateway: Gateway;
  known: Known;
  /** Names the secrets in a text. */
  leaks(text: string): string[];
  close(): Promise<void>;
}

/**
 * @param report gets each leak in a message
 * @param onForward gets the body of each callback that is forwarded as it came, by its parameter `draft`
 */
export async function openWorld(
  report: (problem: string) => void,
  onForward: (seed: string, bytes: Buffer) => void,
): Promise<World> {
  const named = (except: readonly string[]): Secret[] =>
    [...Object.entries({ ...secrets, BOT_URL: urlKey, ADMIN_TOKEN: adminToken })]
      .filter(([name]) => !except.includes(name))
      // A signing secret is known without its prefix.
      .map(([name, value]) => ({ name, value: value.replace(/^whsec_/, "") }));
  const leaks = leakFinder(named([]));

  /** A receiver of messages, which may hold no secret but its own. */
  const listener = (
    own: readonly string[],
    answer: (request: IncomingMessage, bytes: Buffer) => [number, string] = () => [200, ""],
  ) => {
    const found = leakFinder(named(own));
    return receiver((request, bytes) => {
      const text = `${request.url}\n${JSON.stringify(request.rawHeaders)}\n${bytes}`;
      for (const leak of found(text)) report(`a message to ${request.url} holds ${leak}`);
      return answer(request, bytes);
    });
  };

  let asked = 0;
  const [raw, signed, echo, backend] = await Promise.all([
    listener([], (request, bytes) => {
      const seed = new URL(request.url!, "http://localhost").searchParams.get("draft");
      if (seed !== null) onForward(seed, bytes);
      return [200, ""];
    }),
    listener(["BOT_URL"], (_, bytes) => {
      try {
        if (!Array.isArray(JSON.parse(bytes.toString()))) report("a batch is no list");
      } catch {
        report(`a batch is no JSON: ${bytes.toString().slice(0, 500)}`);
      }
      return [200, ""];
    }),
    // Echoes all that it was sent, as a careless backend does in its error page.
    listener(["HOOK_KEY"], (request, bytes) => [
      400,
      `${request.url}\n${JSON.stringify(request.rawHeaders)}\n${request.rawHeaders.join("\n")}\n${bytes.subarray(0, 500)}`,
    ]),
    listener(["HOOK_KEY"], (request) => {
      const chance = new Chance(++asked);
      const verdict = {
        ActionStatus: "OK",
        ErrorCode: chance.pick([0, 1, 120_001]),
        ErrorInfo: naughtyText(chance),
      };
      if (chance.happens(0.2)) return [200, JSON.stringify(request.rawHeaders)];
      return [chance.pick([200, 200, 200, 201, 204, 400]), textOf(mutated(verdict, chance))];
    }),
  ]);

  const rules = [
    { name: "raw", url: raw!.url, format: "raw" },
    { name: "signed", url: "$BOT_URL", secret: "$HOOK_SECRET", batch: { size: 50, ms: 200 } },
    {
      name: "resigned",
      on: "Follow.*",
      url: raw!.url,
      format: "raw",
      callbackToken: "$RAW_TOKEN",
      match: { platform: ["none"] },
    },
    {
      name: "echo",
      on: "Sns.*",
      url: echo!.url,
      headers: { "x-api-key": "$HOOK_KEY" },
      secret: "$HOOK_SECRET",
      retry: [],
    },
    {
      name: "words",
      on: "Group.CallbackBeforeSendMsg",
      match: { platform: ["iPad"] },
      answer: { ErrorCode: 0 },
      replace: ["ferry"],
    },
    {
      name: "backend",
      on: "*.CallbackBefore*",
      ask: backend!.url,
      headers: { "x-api-key": "$HOOK_KEY" },
      secret: "$HOOK_SECRET",
      deadlineMs: 300,
    },
    {
      name: "shadow",
      on: "*.CallbackPrev*",
      ask: backend!.url,
      headers: { "x-api-key": "$HOOK_KEY" },
      deadlineMs: 300,
      shadow: true,
    },
    { name: "wrong", url: raw!.url, secret: "$CALLBACK_TOKEN" },
  ];
  const { CALLBACK_TOKEN, OTHER_CALLBACK_TOKEN, OTHER_ADMIN_TOKEN, ...others } = secrets;
  const gateway = await startGateway({
    SDK_APP_ID: "1400000000,1400000001",
    CALLBACK_PATH: callbackPath,
    SHARDS: 2,
    ...others,
    CALLBACK_TOKEN: `${CALLBACK_TOKEN},${OTHER_CALLBACK_TOKEN}`,
    ADMIN_TOKEN: `${adminToken},${OTHER_ADMIN_TOKEN}`,
    BOT_URL: `${signed!.url}/robot/${urlKey}?key=${urlKey}`,
    FORWARD_RULES: rules,
  });

  /** Some events of every kind, so that ids and cursors name something. */
  const base = {
    apps: ["1400000000", "1400000001"],
    callbackTokens: [CALLBACK_TOKEN, OTHER_CALLBACK_TOKEN],
    adminToken,
    callbackPath,
    names: rules.map(({ name }) => name),
    settings: [
      ...Object.keys(secrets),
      "BOT_URL",
      "ADMIN_TOKEN",
      "SDK_APP_ID",
      "FORWARD_RULES",
      "SHARD",
      "NOT_SET",
    ],
  };
  const first = await connected(gateway.url);
  for (let seed = 1; seed <= 40; seed++) {
    first.send(bytesOf(drawCallback(-seed, new Chance(seed), { ...base, ids: [], cursors: [] }).draft));
    await first.answer("POST");
  }
  first.close();
  const { events, cursor } = await until("some events are kept", async () => {
    const page = await gateway.events({ limit: 20 });
    return page.events.length === 20 && page;
  });
  const known: Known = { ...base, ids: events.map(({ id }) => id), cursors: [cursor!] };

  return {
    gateway,
    known,
    leaks,
    async close() {
      await gateway.kill();
      for (const one of [raw, signed, echo, backend]) one!.close();
    },
  };
}
