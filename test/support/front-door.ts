/** An address that stays the same over restarts of a gateway, as that of a deployed one does. */
import { createServer, connect as dial, type Socket } from "node:net";
import { after } from "node:test";
import { listen } from "./listen.ts";

export interface FrontDoor {
  readonly url: string;
  /** How many connections have become WebSockets so far. */
  upgrades(): number;
  /** Breaks all connections off. */
  breakOff(): void;
}

/** @param gateway connections lead to where it listens then; they break off while it listens nowhere */
export async function frontDoorOf(gateway: { readonly url: string }): Promise<FrontDoor> {
  const sockets = new Set<Socket>();
  let upgrades = 0;
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
    inside.once("data", (answer: Buffer) => {
      if (answer.toString("latin1").startsWith("HTTP/1.1 101 ")) upgrades++;
    });
  });
  const breakOff = () => {
    for (const socket of sockets) socket.destroy();
  };
  after(() => {
    breakOff();
    server.close();
  });
  return { url: await listen(server), upgrades: () => upgrades, breakOff };
}

/** A port on which nothing listens, where the gateway does not run. */
function targetPort(gateway: { readonly url: string }): string {
  try {
    return new URL(gateway.url).port;
  } catch {
    return "1";
  }
}
