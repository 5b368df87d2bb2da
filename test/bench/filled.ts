/** A folder with a gateway's storage that is full of events already, as after a day of receiving. */
import type { Bundle } from "../../src/cli/bundle.ts";
import { usualSize } from "./acceptance.ts";
import { type Filling, prefill } from "./prefill.ts";
import { startGateway } from "./servers.ts";

const dayMs = 86_400_000;

export interface Filled {
  dir: string;
  /** Of all events, in order. */
  positions: readonly number[];
}

/** @param filling whether a destination has received them */
export async function filledWith(events: number, product: Bundle, filling: Filling = {}): Promise<Filled> {
  // Without a rule it makes its tables and notes nothing.
  const { dir, stop } = await startGateway(product, { rules: [] });
  await stop();
  return { dir, positions: prefill(dir, events, usualSize, dayMs, filling) };
}
