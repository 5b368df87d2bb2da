/** The end of a shard's work in order. */
import type { Stages } from "./stages.ts";

/** Sends nothing more, lets the posts under way end, and records progress. */
export async function stopStages(stages: Stages): Promise<void> {
  const { sender, intake, listeners, progress, replays, storage, tail, destinations } = stages;
  tail.stop();
  for (const { mailbox } of destinations.pumps.values()) mailbox?.stop();
  const stopped = sender.stop();
  await intake.flush();
  await stopped;
  await listeners.stop();
  progress.write();
  replays.record();
  await storage.sync();
}
