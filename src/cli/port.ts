/** Ports to listen on. */
import { once } from "node:events";
import { createServer } from "node:net";
import { isErrno } from "./errno.ts";

/** The port of a setting; 0 means any free port. @throws Error if the text is no port */
export function readPort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535))
    throw new Error(`PORT must be a whole number from 0 to 65535, not ${JSON.stringify(text)}`);
  return port;
}

/** Resolves with the port, or a free one for 0. Rejects with a sentence if the port cannot be used now. */
export async function freePort(host: string, port: number): Promise<number> {
  const server = createServer();
  try {
    await once(server.listen({ host, port, exclusive: true }), "listening");
  } catch (error) {
    if (isErrno(error, "EADDRINUSE"))
      throw new Error(
        `port ${port} of ${host} is in use by another program: stop it, or choose another PORT`,
      );
    throw new Error(
      `cannot listen on ${host}, port ${port}: ${error instanceof Error ? error.message : error}`,
    );
  }
  const address = server.address();
  server.close();
  await once(server, "close");
  return address && typeof address === "object" ? address.port : port;
}
