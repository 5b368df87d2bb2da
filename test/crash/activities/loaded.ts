/** Activities of a gateway under load: a kill strikes the callbacks, or the posts to its destinations. */
import { startGateway } from "../../support/gateway.ts";
import { until } from "../../support/until.ts";
import { failsFirst, slowly } from "../destinations.ts";
import type { Round } from "../round.ts";
import type { Activity } from "./activity.ts";

const isMisfit = (label: string) => label.startsWith("misfit-");

/** @param share of a burst that is acknowledged before the kill */
async function underLoad(round: Round, share: number): Promise<void> {
  const load = round.pour();
  await round.acknowledged(1 + Math.floor(share * round.plan.events * 0.7), load);
}

export const receiving: Activity = {
  async begin(round, { share }) {
    await underLoad(round, share);
    return { struck: ({ unanswered }) => unanswered.some((label) => !isMisfit(label)) };
  },
};

export const quarantining: Activity = {
  async begin(round, { share }) {
    await underLoad(round, share);
    return { struck: ({ unanswered }) => unanswered.some(isMisfit) };
  },
};

export const delivering: Activity = {
  async begin(round, { share }) {
    round.answer(slowly(round.plan, 10));
    await underLoad(round, share / 2);
    await until("a post is held", () => round.held().length > 0);
    return { struck: ({ held }) => held.length > 0 };
  },
};

export const batching: Activity = {
  async begin(round, { share }) {
    const batched = round.receivers.get("batched")!;
    batched.answer = failsFirst(slowly(round.plan, 150));
    const before = batched.received.length;
    await underLoad(round, share / 2);
    // On a slow machine every batch may be answered already.
    await until("a batch has come", () =>
      batched.received.slice(before).some(({ labels }) => labels.length > 1),
    );
    return {
      struck: ({ held, books }) =>
        held.some(({ name, request }) => name === "batched" && request.labels.length > 1) ||
        books.some(({ retries }) => retries.some(({ positions }) => positions.length > 1)),
    };
  },
};

export const retryingByTimer: Activity = {
  async begin(round, { share }) {
    round.answer(failsFirst(slowly(round.plan, 50)));
    await underLoad(round, share / 2);
    await until("a retry is held", () => round.held().some(round.isRetry));
    return { struck: ({ held }) => held.some(round.isRetry) };
  },
};

/** A stop by SIGTERM: posts end, outcomes are stored, and a kill comes first. */
export const flushing: Activity = {
  async begin(round, { share }) {
    round.answer(slowly(round.plan, 20));
    await underLoad(round, share);
    round.ledger.call("flush", round.host.flush());
    return { struck: ({ calls }) => calls.includes("flush") };
  },
};

/**
 * Starts that are killed: of an empty folder, before any request; and after each crash under load, whose next start
 * `runRound` kills.
 */
export const starting: Activity = {
  async open(round) {
    const { chance } = round.plan;
    await round.open(startGateway);
    round.pour(1);
    await round.kill();
    for (let starts = 0; starts < 2; starts++) await round.killWhileStarting(chance.between(0, 500));
    await round.start();
    await round.checkRules();
  },
  async begin(round, { share }) {
    await underLoad(round, share);
    return { struck: () => true };
  },
};
