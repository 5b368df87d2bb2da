/** Orders a replay of a period: counts first, announces it, and follows it to its end. */
import type { Client, paths } from "../../client/index.js";
import { counted } from "../counted.ts";
import { hint } from "../hint.ts";
import { goesOn } from "../interrupt.ts";
import { dim, say } from "../screen.ts";
import { type Replay, watched } from "./watch.ts";

export type Order = Omit<
  paths["/api/replay"]["post"]["requestBody"]["content"]["application/json"],
  "dryRun"
>;

/** How many events a replay would send, counted exactly. */
export async function countOf(relay: Client, order: Order): Promise<number> {
  return (await relay.post("/api/replay", { body: { ...order, dryRun: true } })).matched;
}

/** Starts a replay and resolves when it has ended; null if there is nothing to send. @param quiet says nothing on stdout */
export async function replayed(relay: Client, order: Order, quiet: boolean): Promise<Replay | null> {
  if ((await countOf(relay, order)) === 0) return null;
  const started = await goesOn(
    `the replay may have begun at the gateway: ${hint(relay, "replay --list")}`,
    () => relay.post("/api/replay", { body: order }),
  );
  // Without dryRun the answer always has an id.
  const id = "id" in started ? started.id : "";
  const { destination, perSecond } = order;
  const pace = `at most ${perSecond ?? 100} a second`;
  if (!quiet)
    say(`Sending ${counted(started.matched, "event")} to ${destination} again, ${pace}`, dim(`  ${id}`));
  return (await watched(relay, id)) as Replay;
}
