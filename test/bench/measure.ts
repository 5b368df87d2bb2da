/** The measurements, one part after the other. A part that fails is named, and the others go on. */
import { loadavg } from "node:os";
import { describeMachine } from "./machine.ts";
import type { Measured, Part } from "./part.ts";
import { type PartName, parts } from "./parts.ts";
import { startBackend, startSender } from "./peers.ts";
import type { Plan } from "./plans.ts";
import { stopAll } from "./processes.ts";
import type { Bench } from "./servers.ts";

export interface Report {
  plan: Plan;
  /** ISO date. */
  date: string;
  machine: string;
  /** The load of the machine before; 0 where the system does not tell. */
  load: number;
  seconds: number;
  measured: ReadonlyMap<PartName, Measured>;
  /** The error of each part that failed. */
  failed: ReadonlyMap<PartName, string>;
}

/** A part that takes longer hangs. Milliseconds. */
const longestPartMs = 15 * 60_000;

type Setup = Pick<Bench, "plan" | "product" | "say">;

/** Measures with a backend and a sender, which end with it, as does every other process that it started. */
export async function withBench<Found>(
  { plan, product, say }: Setup,
  measure: (bench: Bench) => Promise<Found>,
): Promise<Found> {
  try {
    return await measure({
      product,
      backend: await startBackend(),
      sender: startSender(plan.patienceMs),
      plan,
      say,
    });
  } finally {
    await stopAll();
  }
}

/**
 * @param stopping ends the measurements
 * @param instead takes the place of parts
 */
export async function measure(
  setup: Setup,
  names: readonly PartName[],
  stopping: AbortSignal,
  instead: Partial<Record<PartName, Part>> = {},
): Promise<Report> {
  const [load] = loadavg() as [number];
  const startedAt = performance.now();
  const measured = new Map<PartName, Measured>();
  const failed = new Map<PartName, string>();
  for (const name of names) {
    try {
      const late = AbortSignal.timeout(longestPartMs);
      const found = unless(
        late,
        `it takes longer than ${longestPartMs / 60_000} minutes`,
        withBench(setup, instead[name] ?? parts[name]),
      );
      measured.set(name, await unless(stopping, "stopped", found));
    } catch (error) {
      if (stopping.aborted) throw error;
      const message = error instanceof Error ? error.message : String(error);
      setup.say(`FAILED: ${name}: ${message}`);
      failed.set(name, message);
      await stopAll();
    }
  }
  return {
    plan: setup.plan,
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    load,
    seconds: Math.round((performance.now() - startedAt) / 1_000),
    measured,
    failed,
  };
}

/** Fails when the signal is aborted. */
export function unless<Found>(signal: AbortSignal, message: string, found: Promise<Found>): Promise<Found> {
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error(message)));
  });
  return Promise.race([found, ended]);
}
