/** Ports for programs that are started a moment later. */
import { randomInt } from "node:crypto";
import { freePort } from "../../src/cli/port.ts";

/** Systems take the ports of connections from above: Linux from 32,768, macOS and Windows from 49,152. */
const range = [10_240, 32_768] as const;

/** A free port, which no connection takes before its program does. */
export async function unusedPort(host = "127.0.0.1"): Promise<number> {
  for (let tries = 1; ; tries++)
    try {
      return await freePort(host, randomInt(...range));
    } catch (error) {
      if (tries === 20) throw error;
    }
}
