/** Whether the time of a refusal tells how much of a guess was right: paired samples over one connection. */

import { callbackToken, queryOf, signed } from "../support/callbacks.ts";
import type { Chance } from "../support/chance.ts";
import { adminToken } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";
import { connected, type Wire } from "./wire.ts";

/** Below this share of pairs beyond one half, a difference is noise. */
const noise = 0.05;

async function microseconds(wire: Wire, bytes: string, method: string): Promise<number> {
  const at = performance.now();
  wire.send(bytes);
  await wire.answer(method);
  return (performance.now() - at) * 1_000;
}

/** Requests with a guess of which nothing is right, and with one of which all but the end is right. */
const guesses: Record<string, () => { wrong: string; near: string; method: string }> = {
  signature() {
    const { Sign, RequestTime } = signed(callbackToken);
    const bytes = (sign: string) =>
      `POST /tim${queryOf({ CallbackCommand: "State.StateChange", Sign: sign, RequestTime })} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n[]`;
    const other = (digit: string) => (digit === "0" ? "1" : "0");
    return {
      wrong: bytes([...Sign].map(other).join("")),
      near: bytes(Sign.slice(0, -1) + other(Sign.at(-1)!)),
      method: "POST",
    };
  },
  "admin token"() {
    const bytes = (token: string) =>
      `GET /api/drift HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    return {
      wrong: bytes("~".repeat(adminToken.length)),
      near: bytes(`${adminToken.slice(0, -1)}~`),
      method: "GET",
    };
  },
};

/** Prints a line for each comparison. True if none of them tells anything. */
export async function measure(pairs: number, chance: Chance): Promise<boolean> {
  const gateway = await startGateway({ CALLBACK_PATH: "/tim" });
  let silent = true;
  for (const [name, draw] of Object.entries(guesses)) {
    const wire = await connected(gateway.url);
    const differences: number[] = [];
    for (let pair = -100; pair < pairs; pair++) {
      const { wrong, near, method } = draw();
      const nearFirst = chance.happens(0.5);
      const first = await microseconds(wire, nearFirst ? near : wrong, method);
      const second = await microseconds(wire, nearFirst ? wrong : near, method);
      // The first pairs warm the code up.
      if (pair >= 0) differences.push(nearFirst ? first - second : second - first);
    }
    wire.close();
    const slower = differences.filter((one) => one > 0).length / pairs;
    const z = (slower - 0.5) * 2 * Math.sqrt(pairs);
    const median = differences.sort((a, b) => a - b)[pairs >> 1]!;
    const tells = Math.abs(slower - 0.5) > noise && Math.abs(z) > 4;
    if (tells) silent = false;
    console.log(
      `${name}: a near guess takes ${median.toFixed(2)} µs longer (median of ${pairs} pairs), is slower in ${(slower * 100).toFixed(1)} % of them, z ${z.toFixed(2)}: ${tells ? "IT TELLS" : "it tells nothing"}`,
    );
  }
  await gateway.kill();
  return silent;
}
