/** Replays: of events that were delivered, one by one, and of all dead letters. */
import { until } from "../../support/until.ts";
import { slowly } from "../destinations.ts";
import { unanswered } from "../ledger.ts";
import type { Round } from "../round.ts";
import type { Activity, Strike } from "./activity.ts";

/** Events that the round replays at a time. */
const replayed = 12;

/** Sends a burst to destinations that are well, and waits until all of it has ended. */
async function settledBurst(round: Round): Promise<void> {
  round.allWell();
  await round.pour().ended;
  await round.rest();
}

export const replayingEvents: Activity = {
  async begin(round, { share }) {
    await settledBurst(round);
    round.answer(slowly(round.plan, 15));
    const events = (await round.host.events({ state: "delivered", limit: replayed })).events;
    const before = round.receivers.get("plain")!.received.length;
    const askedAt = Date.now();
    for (const { id, platform } of events) {
      const replays = ["plain", "ordered", "batched"].map((name) => `${platform} ${name}`);
      for (const replay of replays) round.replays.set(replay, null);
      const body = { destinations: ["plain", "ordered", "batched"] };
      round.ledger.call("replay", round.host.post(`/api/events/${id}/replay`, body)).then((answer) => {
        if (answer === unanswered) return;
        for (const replay of replays) round.replays.set(replay, askedAt);
      });
    }
    const enough = before + share * replayed;
    await until(
      "a replayed event comes",
      () => round.receivers.get("plain")!.received.length > enough || share === 0,
    );
    return struckReplay(round);
  },
};

export const replayingDeadLetters: Activity = {
  async begin(round, { share }) {
    await settledBurst(round);
    const { host, plan, receivers, replays, ledger } = round;
    const refusing = receivers.get("refusing")!;
    const letters = await host.deadLetters({ destination: "refusing", limit: 200 });
    const labels = new Map((await host.allEvents()).map(({ id, platform }) => [id, String(platform)]));
    for (const { event } of letters) replays.set(`${labels.get(event)} refusing`, null);
    refusing.answer = slowly(plan, 15);
    const before = refusing.received.length;
    const askedAt = Date.now();
    ledger.call("replay", host.post("/api/dead-letters/replay")).then((answer) => {
      if (answer === unanswered) return;
      if (answer.queued !== letters.length)
        round.problems.push(`${answer.queued} of ${letters.length} dead letters were queued`);
      for (const { event } of letters) replays.set(`${labels.get(event)} refusing`, askedAt);
    });
    const enough = before + share * letters.length;
    await until("a dead letter comes", () => share === 0 || refusing.received.length > enough);
    return struckReplay(round);
  },
};

function struckReplay({ replays }: Round): Strike {
  return {
    struck: ({ calls, held }) =>
      calls.includes("replay") ||
      held.some(({ name, request }) => request.labels.some((label) => replays.has(`${label} ${name}`))),
  };
}
