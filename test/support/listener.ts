/** A listener: a program that receives over a WebSocket which it opened itself. */
import type { ListenerRequest } from "../../src/client/index.js";
import { adminToken } from "./client.ts";
import { connectionTo } from "./socket.ts";
import { until } from "./until.ts";

/** A frame with a request. */
export type Request = Omit<ListenerRequest, "answer">;

/** An answer of the listener; null: it does not answer. */
export type Reply = { status: number; headers?: Record<string, string>; body?: string } | null;

export interface TestListener {
  socket: WebSocket;
  requests: Request[];
  /** Other frames: errors, and that another listener has taken over. */
  others: { kind: string; error?: { code: string; message: string } }[];
  /** How it answers. */
  reply: (request: Request) => Reply | Promise<Reply>;
  /** Resolves with all requests as soon as there are that many. */
  received(count: number): Promise<Request[]>;
  answer(id: string, reply: NonNullable<Reply>): void;
  closed: Promise<{ code: number; reason: string }>;
  close(): Promise<void>;
}

interface Options {
  token?: string;
  reply?: TestListener["reply"];
}

const ok = () => ({ status: 204 });

/** Resolves when it is connected. Ends with the test, or the file, that starts it. */
export async function listen(
  gateway: { readonly url: string },
  rule: string,
  { token = adminToken, reply = ok }: Options = {},
): Promise<TestListener> {
  const headers = { authorization: `Bearer ${token}` };
  const { socket, opened, closed } = connectionTo(gateway, `/api/listen/${rule}`, { headers });
  const listener: TestListener = {
    socket,
    requests: [],
    others: [],
    reply,
    received: (count) =>
      until(`${count} requests to ${rule}`, () => listener.requests.length >= count && listener.requests),
    answer: (id, answer) => socket.send(JSON.stringify({ id, ...answer })),
    closed,
    async close() {
      socket.close();
      await closed;
    },
  };
  socket.addEventListener("message", async ({ data }) => {
    if (data === "pong") return;
    const frame = JSON.parse(data);
    if (frame.id === undefined) {
      listener.others.push(frame);
      return;
    }
    listener.requests.push(frame);
    const answer = await listener.reply(frame);
    if (answer) listener.answer(frame.id, answer);
  });
  await opened;
  return listener;
}
