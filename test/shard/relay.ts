/** The real gateway with rules of a test, and what an administrator may ask of it. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { bundle } from "../../src/cli/bundle.ts";
import { type Gateway, startGateway } from "../cli/gateway.ts";
import { app, type Callback, callbackToken, sendCallback } from "./callbacks.ts";
import { until } from "./until.ts";

export interface Listed {
  id: string;
  command: string;
  known: boolean;
  state: string;
  conversation: string;
  platform: string;
}

export interface DeliveryDetail {
  destination: string;
  state: string;
  attempts: {
    /** Where some attempts are not kept. */
    number?: number;
    at: string;
    status: number | null;
    ms: number;
    error: string | null;
    response: string | null;
  }[];
  nextAt: string | null;
}

export interface Destination {
  name: string;
  state: "up" | "open" | "paused" | "disabled";
  waiting: number;
  retrying: number;
  dead: number;
  expired: number;
  lastSuccessAt: string | null;
  lastError: string | null;
}

export interface Relay {
  readonly gateway: Gateway;
  dataDir: string;
  /** Answers the status; rejects when no answer comes. */
  send(callback: Callback): Promise<number>;
  /** Sends one by one, and sees to it that each is accepted. */
  sendAll(callbacks: readonly Callback[]): Promise<void>;
  /** With a body it is a POST. Fails unless the status is the expected one. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look wherever they like
  api(path: string, body?: object | null, status?: number): Promise<any>;
  /** What is no JSON. */
  text(path: string): Promise<string>;
  /** All events, in the order of keeping. */
  events(): Promise<Listed[]>;
  destination(name: string): Promise<Destination>;
  /** An event's delivery to a destination, as soon as it is in that state. */
  delivery(label: string, destination: string, state: string): Promise<DeliveryDetail>;
  /** Starts on the same storage, with other rules or settings if given. */
  start(rules?: readonly object[], settings?: Record<string, string>): Promise<void>;
  kill(): Promise<void>;
}

/** Made once, or every gateway would make it. */
const built = bundle(AbortSignal.timeout(120_000));

const adminToken = "admin-token-of-the-tests";

export async function startRelay(
  rules: readonly object[],
  settings: Record<string, string> = {},
): Promise<Relay> {
  await built;
  const dataDir = mkdtempSync(join(tmpdir(), "tim-relay-"));
  let gateway: Gateway;
  let current = { rules, settings };
  after(async () => {
    await gateway.kill();
    rmSync(dataDir, { recursive: true });
  });

  const relay: Relay = {
    get gateway() {
      return gateway;
    },
    dataDir,
    send: (callback) => sendCallback(gateway.url, callback),
    async sendAll(callbacks) {
      for (const callback of callbacks) assert.equal(await relay.send(callback), 200, callback.label);
    },
    async api(path, body, status = body === undefined ? 200 : 202) {
      const response = await fetch(gateway.url + path, {
        method: body === undefined ? "GET" : "POST",
        headers: { authorization: `Bearer ${adminToken}` },
        ...(body && { body: JSON.stringify(body) }),
      });
      const answer = await response.text();
      assert.equal(response.status, status, `${path}: ${answer}`);
      return JSON.parse(answer);
    },
    async text(path) {
      const response = await fetch(gateway.url + path, {
        headers: { authorization: `Bearer ${adminToken}` },
      });
      return response.text();
    },
    async events() {
      const events: Listed[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const page: { events: Listed[]; cursor: string | null } = await relay.api(
          `/api/events?limit=200${cursor && `&cursor=${cursor}`}`,
        );
        events.push(...page.events);
        cursor = page.cursor;
      }
      return events.reverse();
    },
    async destination(name) {
      const destinations: Destination[] = await relay.api("/api/destinations");
      return destinations.find((one) => one.name === name) ?? assert.fail(`there is no ${name}`);
    },
    delivery: (label, destination, state) =>
      until(`${label} is ${state} at ${destination}`, async () => {
        const event = (await relay.events()).find(({ platform }) => platform === label);
        if (!event) return undefined;
        const { deliveries }: { deliveries: DeliveryDetail[] } = await relay.api(`/api/events/${event.id}`);
        return deliveries.find((one) => one.destination === destination && one.state === state);
      }),
    async start(rules = current.rules, settings = current.settings) {
      current = { rules, settings };
      gateway = await startGateway({
        dataDir,
        settings: {
          SDK_APP_ID: app,
          CALLBACK_TOKEN: callbackToken,
          ADMIN_TOKEN: adminToken,
          ALLOW_PRIVATE_DESTINATIONS: "true",
          FORWARD_RULES: JSON.stringify(rules),
          ...settings,
        },
      });
    },
    kill: () => gateway.kill(),
  };
  await relay.start();
  return relay;
}

/** Callbacks named `a1`, `a2`, … */
export function numbered(prefix: string, count: number, more: Omit<Callback, "label"> = {}): Callback[] {
  return Array.from({ length: count }, (_, index) => ({ label: `${prefix}${index + 1}`, ...more }));
}

export function labelsOf(callbacks: readonly Callback[]): string[] {
  return callbacks.map(({ label }) => label);
}
