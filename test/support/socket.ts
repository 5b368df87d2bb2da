/** A WebSocket of the gateway. */
import { after } from "node:test";

export interface Connection {
  socket: WebSocket;
  opened: Promise<void>;
  closed: Promise<{ code: number; reason: string }>;
}

/** Begins to connect. Ends with the test, or the file, that connects. @param path with its query */
export function connectionTo(
  gateway: { readonly url: string },
  path: string,
  options: { headers?: Readonly<Record<string, string>>; protocols?: readonly string[] },
): Connection {
  // Node's WebSocket takes headers, a browser's does not.
  const socket = new WebSocket(gateway.url.replace("http", "ws") + path, options as unknown as string[]);
  after(() => socket.close());
  return {
    socket,
    opened: new Promise((resolve, reject) => {
      socket.addEventListener("open", () => resolve());
      socket.addEventListener("error", () => reject(new Error(`${path} is not connected`)));
    }),
    closed: new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
    }),
  };
}
