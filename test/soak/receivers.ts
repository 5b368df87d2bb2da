/**
 * The destinations and the verdict backends of a soak, in a process of its own. Each has a port, and behaves as it is
 * told. Of the events it remembers numbers in typed arrays only.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { fail, failuresOf, type Mode } from "./behaviour.ts";
import { Callbacks, type Plan } from "./callbacks.ts";
import { eventsOf, type Incoming, verified } from "./check-message.ts";
import { idHash } from "./id-hash.ts";
import { answer, usage } from "./processes.ts";
import { type DestinationName, destinationNames } from "./rules.ts";

export type Backend = "moderation" | "trial";

/** A bound on the problems that are kept word by word. */
const mostProblems = 100;

/** A backend that is late answers after this time, which is beyond its rule's deadline. Milliseconds. */
const lateMs = 1_500;

/** The events that came to one destination. */
export interface Ledger {
  /** By number: 1 if the event was answered 200. */
  delivered: Uint8Array;
  /** Numbers in the order in which they came first, whatever they were answered. */
  arrivals: Int32Array;
}

export interface ReceiverSums {
  /** First deliveries, of all destinations together. */
  delivered: number;
  /** Events that were answered 200 before. */
  repeated: number;
  /** Messages with a valid signature and the right bytes. */
  verified: number;
  /** Requests that were refused, hung or cut off. */
  failed: number;
  questions: number;
  /** Of this process: bytes of its heap, and seconds of processor time. */
  heap: number;
  cpu: number;
}

export interface ReceiverInterval {
  sums: ReceiverSums;
  /** Milliseconds from due time to first delivery: of the steady destination, and of all others. */
  steady: number[];
  faulted: number[];
}

export interface ReceivedAll {
  sums: ReceiverSums;
  ledgers: Record<DestinationName, Ledger>;
  /** By number: a hash of the event's id; 0: it never came. */
  ids: Uint32Array;
  problems: string[];
  problemCount: number;
}

interface Destination {
  server: Server;
  port: number;
  mode: Mode;
  came: Uint8Array;
  delivered: Uint8Array;
  arrivals: Int32Array;
  count: number;
  /** Attempts of events that fail singly. */
  attempts: Map<number, number>;
}

let callbacks: Callbacks;
let ids = new Uint32Array();
let healed = false;
const problems: string[] = [];
let problemCount = 0;
const sums: ReceiverSums = {
  delivered: 0,
  repeated: 0,
  verified: 0,
  failed: 0,
  questions: 0,
  heap: 0,
  cpu: 0,
};
let steady: number[] = [];
let faulted: number[] = [];
const destinations = new Map<DestinationName | Backend, Destination>();

function report(name: string, error: unknown): void {
  problemCount++;
  if (problems.length < mostProblems)
    problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
}

function received(
  name: DestinationName,
  self: Destination,
  incoming: Incoming,
  response: ServerResponse,
): void {
  let numbers: number[];
  try {
    const events = eventsOf(name, incoming, callbacks);
    for (const { number, id } of events) {
      const hash = idHash(id);
      if (ids[number] !== 0 && ids[number] !== hash)
        throw new Error(`s${number} came with another id, ${id}`);
      ids[number] = hash;
    }
    numbers = events.map(({ number }) => number);
    sums.verified++;
  } catch (error) {
    report(name, error);
    response.writeHead(400).end();
    return;
  }
  for (const number of numbers)
    if (self.came[number] === 0) {
      self.came[number] = 1;
      self.arrivals[self.count++] = number;
    }
  const status = self.mode.kind === "well" ? singly(name, self, numbers) : 200;
  if (status === 200 && (self.mode.kind === "well" || self.mode.kind === "slow"))
    setTimeout(() => deliver(name, self, numbers, response), self.mode.kind === "slow" ? self.mode.ms : 0);
  else {
    sums.failed++;
    fail(self.mode, status, response);
  }
}

/** The status of a message by the events in it that fail singly. */
function singly(name: DestinationName, self: Destination, numbers: readonly number[]): number {
  if (healed) return 200;
  let status = 200;
  for (const number of numbers) {
    const failures = failuresOf(name, number, numbers.length > 1);
    if (failures === 0) continue;
    const attempts = self.attempts.get(number) ?? 0;
    self.attempts.set(number, attempts + 1);
    if (attempts < failures) status = 400;
  }
  return status;
}

function deliver(
  name: DestinationName,
  self: Destination,
  numbers: readonly number[],
  response: ServerResponse,
): void {
  response.once("finish", () => {
    const now = Date.now();
    for (const number of numbers) {
      if (self.delivered[number] === 1) {
        sums.repeated++;
        continue;
      }
      self.delivered[number] = 1;
      sums.delivered++;
      if (number < callbacks.planned)
        (name === "steady" ? steady : faulted).push(now - callbacks.dueAt(number));
    }
  });
  response.end();
}

function asked(name: Backend, { mode }: Destination, incoming: Incoming, response: ServerResponse): void {
  sums.questions++;
  let text: string;
  try {
    const { data } = verified(name, incoming) as { data: { MsgBody: { MsgContent: { Text: string } }[] } };
    text = data.MsgBody[0]!.MsgContent.Text;
  } catch (error) {
    report(name, error);
    response.writeHead(400).end();
    return;
  }
  const code = name === "moderation" && text.startsWith("ask refuse") ? 1 : 0;
  const verdict = JSON.stringify({ ActionStatus: "OK", ErrorInfo: "", ErrorCode: code });
  const reply = () => response.writeHead(200, { "content-type": "application/json" }).end(verdict);
  if (mode.kind === "late") setTimeout(reply, lateMs);
  else if (mode.kind === "unreadable") response.end(verdict.slice(0, -1));
  else if (mode.kind === "failing") response.writeHead(mode.status).end();
  else reply();
}

async function start(name: DestinationName | Backend): Promise<void> {
  const isBackend = name === "moderation" || name === "trial";
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const bytes = await buffer(request).catch(() => null);
    // The sender has broken off.
    if (bytes === null) return;
    const incoming = { url: request.url!, headers: request.headers, bytes };
    if (isBackend) asked(name, self, incoming, response);
    else received(name, self, incoming, response);
  });
  server.keepAliveTimeout = 30_000;
  const self: Destination = {
    server,
    port: 0,
    mode: { kind: "well" },
    came: new Uint8Array(),
    delivered: new Uint8Array(),
    arrivals: new Int32Array(),
    count: 0,
    attempts: new Map(),
  };
  await listen(self);
  destinations.set(name, self);
}

async function listen(self: Destination): Promise<void> {
  for (let attempt = 1; ; attempt++)
    try {
      await new Promise<void>((resolve, reject) => {
        self.server.once("error", reject);
        self.server.listen(self.port, "127.0.0.1", () => {
          self.server.removeListener("error", reject);
          resolve();
        });
      });
      self.port = (self.server.address() as AddressInfo).port;
      return;
    } catch (error) {
      // Another connection of this machine may have the port for a moment.
      if (attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
}

const answers = {
  /** Starts all, and resolves with their addresses. */
  async listen(_: null): Promise<Record<DestinationName | Backend, string>> {
    for (const name of [...destinationNames, "moderation", "trial"] as const) await start(name);
    const urls = [...destinations].map(([name, { port }]) => [name, `http://127.0.0.1:${port}/${name}`]);
    return Object.fromEntries(urls);
  },
  begin(plan: Plan): void {
    callbacks = new Callbacks(plan);
    ids = new Uint32Array(callbacks.size);
    for (const name of destinationNames) {
      const self = destinations.get(name)!;
      self.came = new Uint8Array(callbacks.size);
      self.delivered = new Uint8Array(callbacks.size);
      self.arrivals = new Int32Array(callbacks.size);
    }
  },
  async behave({ name, mode }: { name: DestinationName | Backend; mode: Mode }): Promise<void> {
    const self = destinations.get(name)!;
    const wasDown = self.mode.kind === "down";
    self.mode = mode;
    if (mode.kind === "down" && !wasDown) {
      const closed = new Promise((resolve) => self.server.close(resolve));
      self.server.closeAllConnections();
      await closed;
    }
    if (mode.kind !== "down" && wasDown) await listen(self);
    // Requests that hang are let go: otherwise they would end by their own timeout only.
    if (mode.kind === "well" && self.server.listening) self.server.closeIdleConnections();
  },
  /** From now on no event fails singly. */
  heal(_: null): void {
    healed = true;
  },
  interval(_: null): ReceiverInterval {
    const found = {
      sums: { ...sums, ...usage() },
      steady,
      faulted,
    };
    steady = [];
    faulted = [];
    return found;
  },
  end(_: null): ReceivedAll {
    const ledgers = destinationNames.map((name) => {
      const { delivered, arrivals, count } = destinations.get(name)!;
      return [name, { delivered, arrivals: arrivals.slice(0, count) }];
    });
    return {
      sums: { ...sums, ...usage() },
      ledgers: Object.fromEntries(ledgers),
      ids,
      problems,
      problemCount,
    };
  },
};
export type ReceiverAnswers = typeof answers;
answer(answers);
