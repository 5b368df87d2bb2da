/** The processor time of an event in one turn: all of a server's, user and system. */
import { setTimeout as sleep } from "node:timers/promises";
import { usualSize } from "./acceptance.ts";
import type { Server } from "./processes.ts";
import type { Bench } from "./servers.ts";

export interface CpuSubject {
  server: Server;
  /** Posts that follow an event. */
  destinations: number;
  /** It has no retries: a few events may never come to their destination. */
  mayLose?: boolean;
  /** Bytes of a body; absent: a short text message's. */
  size?: number;
}

export interface CpuTurn {
  perSecond: number;
  seconds: number;
  /** After the last delivery; progress is noted then. */
  settleMs: number;
}

/** A turn in which a callback was refused does not count. */
const mostTries = 3;

/** Sends open loop, until everything has been delivered and noted. Returns the milliseconds of an event. */
export async function cpuTurn(
  { server, destinations, size = usualSize, mayLose = false }: CpuSubject,
  { perSecond, seconds, settleMs }: CpuTurn,
  { backend, sender, say }: Bench,
): Promise<number> {
  for (let tried = 1; ; tried++) {
    await backend.seen();
    const before = cpuSecondsOf(server);
    const load = { url: server.url, kind: "AfterSendMsg", size, perSecond, seconds } as const;
    const { accepted, tooLate, failed } = await sender.send({ ...load, mode: "open" }, true);
    const events = accepted + tooLate;
    // The backend is asked, because a question to the gateway would take its time.
    await backend.came(Math.floor(events * destinations * (mayLose ? 0.98 : 1)));
    await sleep(settleMs);
    const ms = ((cpuSecondsOf(server) - before) * 1_000) / events;
    const refused = failed - tooLate;
    if (refused === 0) return ms;
    say(`  ${refused} of ${events + refused} callbacks were refused`);
    if (tried === mostTries) throw new Error(`${refused} of ${events + refused} callbacks were refused`);
    await sleep(5_000);
  }
}

function cpuSecondsOf(server: Server): number {
  const seconds = server.cpuSeconds();
  if (seconds === null) throw new Error("this system does not tell processor time");
  return seconds;
}
