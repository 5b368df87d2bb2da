/** A viewer of the live tail. */
import { after } from "node:test";
import type { ListedEvent } from "./api.ts";
import { adminToken, type Query } from "./client.ts";
import { until } from "./until.ts";

export type Line =
  | { type: "event"; event: ListedEvent }
  | { type: "delivery"; event: string; destination: string; state: string; attempt: number }
  | { type: "verdict"; event: string; rule: string | null; code: number; ms: number; how: string }
  | { type: "gap"; missed: number };

type LineOf<Type extends Line["type"]> = Extract<Line, { type: Type }>;

export interface Viewer {
  socket: WebSocket;
  /** Every line so far, and the texts of the frames. */
  lines: Line[];
  frames: string[];
  of<Type extends Line["type"]>(type: Type): LineOf<Type>[];
  /** Ids of the events so far. */
  ids(): string[];
  /** Resolves with all lines of a type as soon as there are that many. */
  seen<Type extends Line["type"]>(type: Type, count: number): Promise<LineOf<Type>[]>;
  /** Resolves when the connection has ended. */
  closed: Promise<{ code: number; reason: string }>;
}

interface Options {
  query?: Query;
  /** False: it never acknowledges. */
  acknowledges?: boolean;
  token?: string;
  protocols?: string[];
}

/** Resolves when it is connected. Ends with the test, or the file, that starts it. */
export async function watch(
  gateway: { readonly url: string },
  { query = {}, acknowledges = true, token = adminToken, protocols = [] }: Options = {},
): Promise<Viewer> {
  const url = new URL(`${gateway.url.replace("http", "ws")}/api/tail`);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, String(value));
  // Node's WebSocket takes headers, a browser's does not.
  const options = protocols.length > 0 ? { protocols } : { headers: { authorization: `Bearer ${token}` } };
  const socket = new WebSocket(url.href, options as unknown as string[]);
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
  });
  const viewer: Viewer = {
    socket,
    lines: [],
    frames: [],
    of: <Type extends Line["type"]>(type: Type) =>
      viewer.lines.filter((line): line is LineOf<Type> => line.type === type),
    ids: () => viewer.of("event").map(({ event }) => event.id),
    seen: (type, count) =>
      until(`${count} lines ${type}`, () => viewer.of(type).length >= count && viewer.of(type)),
    closed,
  };
  socket.addEventListener("message", ({ data }) => {
    viewer.frames.push(data);
    if (data === "pong") return;
    viewer.lines.push(...JSON.parse(data));
    if (acknowledges) socket.send(JSON.stringify({ ack: viewer.frames.length }));
  });
  after(() => socket.close());
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error("the tail is not connected")));
  });
  return viewer;
}
