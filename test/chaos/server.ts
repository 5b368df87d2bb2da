/** Plays a misbehaviour on raw sockets: an HTTP library would be too polite for most of them. */
import { createServer, type Socket } from "node:net";
import { listen } from "../support/listen.ts";
import { type Misbehaviour, response } from "./misbehaviour.ts";

export interface MisbehavingServer {
  url: string;
  /** Requests that have begun; of a misbehaviour at accept, connections. */
  begun(): number;
  /** Connections that are open. */
  open(): number;
  /** The largest number of bytes that were written to one connection. */
  mostWritten(): number;
  /** Requests with a cookie: an answer's cookie is never sent back. */
  cookies(): number;
  close(): Promise<unknown>;
}

/** How the next request is met; null: it is answered well. The number counts them from 0, over all connections. */
export type Conduct = (request: number) => Misbehaviour | null;

/** Hears of every request that has come whole. */
export type Listener = (head: string, body: string) => void;

const separator = Buffer.from("\r\n\r\n");

/** Serves one misbehaviour. @param isWell whether a request is answered well after all */
export async function serve(
  misbehaviour: Misbehaviour,
  isWell: (request: number) => boolean = () => false,
): Promise<MisbehavingServer> {
  const nowhere = await misbehaviour.address?.();
  const server = await play((request) => (isWell(request) ? null : misbehaviour));
  const close = () => Promise.all([nowhere?.close(), server.close()]);
  return { ...server, url: nowhere?.url ?? `${server.url}${misbehaviour.name}`, close };
}

/** Serves with a conduct that may change from request to request. */
export async function play(conduct: Conduct, heard: Listener = () => {}): Promise<MisbehavingServer> {
  const sockets = new Set<Socket>();
  const counts = { begun: 0, written: 0, cookies: 0 };

  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      counts.written = Math.max(counts.written, socket.bytesWritten);
    });
    // A socket that may be half open does not close by itself.
    socket.on("end", () => socket.end());
    const first = conduct(counts.begun++);
    first?.accepted?.(socket);
    if (!socket.destroyed && !socket.isPaused()) meet(socket, first);
  });

  function meet(socket: Socket, first: Misbehaviour | null): void {
    let received = Buffer.alloc(0);
    let nth = 0;
    let met = first;
    socket.on("data", (data) => {
      if (received.length === 0) {
        if (nth > 0) met = conduct(counts.begun++);
        met?.begun?.(socket);
      }
      received = Buffer.concat([received, data]);
      const request = whole(received);
      if (request === null) return;
      received = Buffer.alloc(0);
      nth++;
      if (/^cookie:/im.test(request.head)) counts.cookies++;
      heard(request.head, request.body);
      if (met === null) socket.write(response(200));
      else met.asked?.(socket, { head: request.head, nth });
    });
  }

  return {
    url: `${await listen(server)}/`,
    begun: () => counts.begun,
    open: () => sockets.size,
    mostWritten: () => Math.max(counts.written, ...[...sockets].map(({ bytesWritten }) => bytesWritten)),
    cookies: () => counts.cookies,
    close: () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      return closed;
    },
  };
}

/** The first request in these bytes, once its body has come too. */
function whole(received: Buffer): { head: string; body: string } | null {
  const end = received.indexOf(separator);
  if (end === -1) return null;
  const head = received.subarray(0, end).toString("latin1");
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
  const body = received.subarray(end + separator.length);
  return body.length >= length ? { head, body: body.toString() } : null;
}
