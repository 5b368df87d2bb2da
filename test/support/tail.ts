/** A viewer of the live tail. */
import type { components } from "../../src/client/index.js";
import { adminToken, type Query, search } from "./client.ts";
import { connectionTo } from "./socket.ts";
import { until } from "./until.ts";

export type Line = components["schemas"]["TailLine"];

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
  // A browser gives its token as a subprotocol.
  const options = protocols.length > 0 ? { protocols } : { headers: { authorization: `Bearer ${token}` } };
  const { socket, opened, closed } = connectionTo(gateway, `/api/tail${search(query)}`, options);
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
  await opened;
  return viewer;
}
