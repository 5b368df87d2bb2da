/** Replays: of events that were delivered, one by one; of all dead letters; of a period. */
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

/** A replay of everything to two destinations; each goes on after the kill, and skips no event. */
export const replayingAPeriod: Activity = {
  async begin(round, { share }) {
    await settledBurst(round);
    round.answer(slowly(round.plan, 15));
    const { host, receivers, replays, ledger } = round;
    const names = ["plain", "batched"];
    const known = (await host.allEvents())
      .filter(({ state }) => state !== "quarantined")
      .map(({ platform }) => String(platform));
    const before = receivers.get("plain")!.received.length;
    const askedAt = Date.now();
    for (const destination of names) {
      const marks = known.map((label) => `${label} ${destination}`);
      for (const mark of marks) replays.set(mark, null);
      const body = { destination, since: "1h", until: "0s", perSecond: 1_000 };
      ledger.call("replay", host.post("/api/replay", body)).then((answer) => {
        if (answer === unanswered) return;
        for (const mark of marks) replays.set(mark, askedAt);
      });
    }
    const enough = before + share * known.length;
    await until(
      "a replayed event comes",
      () => share === 0 || receivers.get("plain")!.received.length > enough,
    );
    return { ...struckReplay(round), after: () => allReplayed(round) };
  },
};

/** Waits until every replay has ended, and checks that it accounts for each event. */
async function allReplayed({ host, problems }: Round): Promise<void> {
  const ended = await until("the replays have ended", async () => {
    const { replays } = await host.get("/api/replays");
    return replays.every(({ state }: { state: string }) => state === "done") && replays;
  });
  for (const { id, destination, matched, sent, failed } of ended)
    if (sent + failed !== matched)
      problems.push(`${id} accounts for ${sent + failed} of ${matched} events for ${destination}`);
}

function struckReplay({ replays }: Round): Strike {
  return {
    struck: ({ calls, held }) =>
      calls.includes("replay") ||
      held.some(({ name, request }) => request.labels.some((label) => replays.has(`${label} ${name}`))),
  };
}
