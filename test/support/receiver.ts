/** A backend on this machine that records its requests, and answers them as a test says. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { after } from "node:test";
import { until } from "./until.ts";

export interface Received {
  /** When it had come whole, Unix milliseconds. */
  at: number;
  method: string;
  /** Path and query as they came. */
  url: string;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  /** The bytes as text. */
  body: string;
  /** `webhook-id`. */
  id: string;
  /** The platforms of its events, which tell the callbacks of a test apart. */
  labels: string[];
  /** The status of its answer, once that is sent entirely. */
  status: number | null;
  /** When that was, or when the connection was lost. Null: it is being held. */
  endedAt: number | null;
}

/** Answers a request, at once or later. */
export type Answer = (response: ServerResponse, request: Received) => unknown;

export interface Receiver {
  /** `http://127.0.0.1:49153/` */
  url: string;
  received: Received[];
  /** How the next requests are answered. */
  answer: Answer;
  /** Resolves with the first request, past or to come, that fits. */
  request(fits: (request: Received) => boolean): Promise<Received>;
  /** Resolves with all requests as soon as that many have come. */
  requests(count: number): Promise<Received[]>;
  /** Resolves when that many labels, or this label, have been answered 200. */
  delivered(labels: number | string): Promise<unknown>;
  /** Requests that have no answer yet. */
  held(): Received[];
  /** The most requests that were ever held at a time. */
  mostHeld(): number;
  /** All labels, in the order in which they first came, or first were answered with that status. */
  labels(status?: number): string[];
  has(label: string, status: number): boolean;
  /** Resolves when all has come that senders had sent which have ended, and their connections are closed. */
  drained(): Promise<void>;
  /** Breaks off every connection, and from now on refuses new ones. */
  goDown(): Promise<void>;
  /** Listens again, on the same port. */
  comeUp(): Promise<void>;
}

/** Answers at once. */
export function reply(status: number, headers: Record<string, string> = {}, body = ""): Answer {
  return (response) => response.writeHead(status, headers).end(body);
}

/** Replies after so many milliseconds. */
export function replyAfter(ms: number, status = 200): Answer {
  return (response, request) => setTimeout(() => reply(status)(response, request), ms);
}

export const hang: Answer = () => {};

export const breakOff: Answer = (response) => response.destroy();

/** Begins a body that never ends, and sends nothing more of it. */
export function hangInBody(status: number): Answer {
  return (response) => response.writeHead(status, { "content-length": "1000" }).write("begun");
}

/** A body that goes on as long as it is read. */
export function flood(status: number): Answer {
  return (response) => {
    response.writeHead(status);
    const piece = Buffer.alloc(65_536, "x");
    const pour = () => {
      while (!response.destroyed && response.write(piece));
    };
    response.on("drain", pour);
    pour();
  };
}

/** These answers, one after the other, and the last one from then on. */
export function inTurn(...answers: [Answer, ...Answer[]]): Answer {
  let next = 0;
  return (response, request) => answers[Math.min(next++, answers.length - 1)]!(response, request);
}

/** Ends with the test, or the file, that starts it. */
export async function startReceiver(answer: Answer = reply(200)): Promise<Receiver> {
  let held = 0;
  let mostHeld = 0;
  const came = new Set<string>();
  const answered = new Map<number, Set<string>>();
  const server = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    const bytes = await buffer(request).catch(() => null);
    // The sender has broken off.
    if (bytes === null) return;
    const body = bytes.toString();
    const received: Received = {
      at: Date.now(),
      method,
      url,
      headers,
      bytes,
      body,
      id: String(headers["webhook-id"]),
      labels: labelsIn(url, body),
      status: null,
      endedAt: null,
    };
    receiver.received.push(received);
    for (const label of received.labels) came.add(label);
    mostHeld = Math.max(mostHeld, ++held);
    response.once("finish", () => {
      const { statusCode } = response;
      received.status = statusCode;
      const labels = answered.get(statusCode) ?? new Set();
      answered.set(statusCode, labels);
      for (const label of received.labels) labels.add(label);
    });
    response.once("close", () => {
      held--;
      received.endedAt = Date.now();
    });
    receiver.answer(response, received);
  });
  const open = new Set<Socket>();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  after(close);

  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/`,
    received: [],
    answer,
    request: (fits) => until(`a request fits ${fits}`, () => receiver.received.find(fits)),
    requests: (count) =>
      until(`${count} requests have come`, () => receiver.received.length >= count && receiver.received),
    delivered: (labels) =>
      typeof labels === "string"
        ? until(`${labels} is answered 200`, () => receiver.has(labels, 200))
        : until(`${labels} events are answered 200`, () => (answered.get(200)?.size ?? 0) >= labels),
    held: () => receiver.received.filter(({ endedAt }) => endedAt === null),
    mostHeld: () => mostHeld,
    labels: (status) => [...(status === undefined ? came : (answered.get(status) ?? []))],
    has: (label, status) => answered.get(status)?.has(label) ?? false,
    async drained() {
      if (!server.listening) return;
      // Connections are accepted in turn: those of a sender that has ended come before this one.
      const last = connect(port, "127.0.0.1");
      await once(last, "connect");
      await until("a connection is accepted", () =>
        [...open].some(({ remotePort }) => remotePort === last.localPort),
      );
      last.destroy();
      await until("the connections are closed", () => open.size === 0);
    },
    goDown: close,
    comeUp: () => listen(port),
  };
  return receiver;
}

/** In every format: an envelope, several of them, CloudEvents, or Tencent's own request. Of another body, none. */
function labelsIn(url: string, body: string): string[] {
  const inUrl = new URL(url, "http://localhost").searchParams.get("OptPlatform");
  if (inUrl !== null) return [inUrl];
  try {
    const events: { platform?: string | null }[] = [JSON.parse(body)].flat();
    return events.flatMap(({ platform }) => platform ?? []);
  } catch {
    return [];
  }
}
