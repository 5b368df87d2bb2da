/** The destinations of every round, each a receiver that fails and dawdles as the plan says. */
import { Chance } from "../support/chance.ts";
import { type Answer, type Received, reply } from "../support/receiver.ts";
import type { Plan } from "./plan.ts";

/** Destinations that want every event. */
export const usualNames = ["plain", "ordered", "batched", "refusing"] as const;

/** Enough attempts for any trouble of a round. */
const patient = Array.from({ length: 50 }, () => "150ms");

/** The keys of each rule, beside name and address. */
export function usualRules({ batch }: Plan): Map<string, object> {
  const order = "conversation";
  const loaded = { retry: patient, concurrency: 16 };
  return new Map<string, object>([
    ["plain", loaded],
    ["ordered", { ...loaded, order }],
    ["batched", { ...loaded, order, batch }],
    ["refusing", { retry: ["100ms"] }],
  ]);
}

/** Answers within the plan's time, and fails now and then. */
export function dawdle({ seed, slowMs, failsEvery }: Plan): Answer {
  const chance = new Chance(seed);
  let count = 0;
  return (response, request) => {
    const status = ++count % failsEvery === 0 ? 500 : 200;
    setTimeout(() => reply(status)(response, request), chance.between(0, slowMs));
  };
}

/** Answers 200 after a while: so many milliseconds more than the plan has anyway, at most. */
export function slowly({ seed, slowMs }: Plan, moreMs: number): Answer {
  const chance = new Chance(seed);
  const mostMs = slowMs + moreMs;
  return (response, request) =>
    setTimeout(() => reply(200)(response, request), chance.between(Math.floor(mostMs / 4), mostMs));
}

/** Refuses the first attempt of every request: an answer that opens no breaker. */
export function failsFirst(then: Answer): Answer {
  const failed = new Set<string>();
  return (response, request) => {
    const first = request.labels.join();
    if (failed.has(first)) return then(response, request);
    failed.add(first);
    return reply(422)(response, request);
  };
}

/** Refuses every seventh event, and takes the others. */
export function refuse(then: Answer): Answer {
  return (response, request) =>
    isRefused(request) ? reply(422)(response, request) : then(response, request);
}

function isRefused({ labels }: Received): boolean {
  return labels.some((label) => Number(label.split("-").at(-1)) % 7 === 0);
}
