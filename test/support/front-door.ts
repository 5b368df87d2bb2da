/** An address that stays the same over restarts of a gateway, as that of a deployed one does. */
import { createServer, connect as dial, type Socket } from "node:net";
import { after } from "node:test";
import { listen } from "./listen.ts";

export interface FrontDoor {
  readonly url: string;
  /** Breaks all connections off. */
  breakOff(): void;
}

/** @param gateway connections lead to where it listens then; they break off while it listens nowhere */
export async function frontDoorOf(gateway: { readonly url: string }): Promise<FrontDoor> {
  const sockets = new Set<Socket>();
  const server = createServer((outside) => {
    const inside = dial(Number(targetPort(gateway)), "127.0.0.1");
    for (const [socket, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    outside.pipe(inside).pipe(outside);
  });
  const breakOff = () => {
    for (const socket of sockets) socket.destroy();
  };
  after(() => {
    breakOff();
    server.close();
  });
  return { url: await listen(server), breakOff };
}

/** A port on which nothing listens, where the gateway does not run. */
function targetPort(gateway: { readonly url: string }): string {
  try {
    return new URL(gateway.url).port;
  } catch {
    return "1";
  }
}
