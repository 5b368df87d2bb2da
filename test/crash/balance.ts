/** The books of a round at its end: events acknowledged, kept, delivered, given up, and lost to retention. */
import type { Receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { idTail, type KeptEvent, orderKey } from "./history.ts";
import type { Round } from "./round.ts";

export interface Sums {
  sent: number;
  acknowledged: number;
  /** Callbacks that a kill left without an answer, and those of them that were kept. */
  unanswered: number;
  keptUnanswered: number;
  kept: number;
  delivered: number;
  dead: number;
  expired: number;
  /** Posts of an event to a destination that had answered 200 already, without a replay. */
  repeats: number;
  lost: number;
  outOfOrder: number;
}

export const noSums: Sums = {
  sent: 0,
  acknowledged: 0,
  unanswered: 0,
  keptUnanswered: 0,
  kept: 0,
  delivered: 0,
  dead: 0,
  expired: 0,
  repeats: 0,
  lost: 0,
  outOfOrder: 0,
};

/** Milliseconds. */
const listedWithinMs = 60_000;

const words: Partial<Record<keyof Sums, string>> = {
  keptUnanswered: "kept of these",
  outOfOrder: "out of order",
};

export function inWords(sums: Sums): string {
  const keys = Object.keys(noSums) as (keyof Sums)[];
  return keys.map((key) => `${words[key] ?? key} ${sums[key]}`).join(", ");
}

/** The lists of a gateway, false where a shard does not answer in time: on a busy machine it does later. */
async function listsOf({ host }: Round) {
  try {
    return [
      await host.allEvents(),
      await host.deadLetters({ limit: 200 }),
      await host.destinations(),
    ] as const;
  } catch (error) {
    if (String(error).includes('"unavailable"')) return false;
    throw error;
  }
}

/** Adds a sentence to the round's problems for everything that does not balance. The gateway runs, and nothing waits. */
export async function balance(round: Round): Promise<Sums> {
  const { ledger, history } = round;
  const [events, letters, reports] = await until("every shard answers", () => listsOf(round), listedWithinMs);
  await round.kill();

  const lost: string[] = [];
  const fault = (sentence: string) => round.problems.push(sentence);
  const listed = new Map(events.map(({ id, platform }) => [String(platform), idTail(id)]));
  if (listed.size !== events.length) fault("the list of events has a label twice");
  for (const status of [200, 400])
    for (const { callback } of ledger.answered(status)) {
      const { label } = callback;
      const kept = history.kept.get(label);
      if (!kept || (!round.expired.has(label) && listed.get(label) !== kept.idTail))
        lost.push(`${label} was answered ${status}, and is not kept`);
      else if (kept.quarantined !== (status === 400))
        fault(`${label}, answered ${status}, is kept otherwise`);
    }

  const dead = new Set(
    letters.map(({ event, destination }) => `${labelOf(history.kept, event) ?? event} ${destination}`),
  );
  const withLetters = new Set(letters.map(({ event }) => event));
  for (const { id, platform, state } of events) {
    const isQuarantined = history.kept.get(String(platform))?.quarantined;
    const expected = isQuarantined ? "quarantined" : withLetters.has(id) ? "dead" : "delivered";
    if (state !== expected) fault(`${platform} is listed as ${state}, and is ${expected}`);
  }
  let delivered = 0;
  let expired = 0;
  for (const [name, receiver] of destinationsOf(round)) {
    const takenBefore = new Set(round.taken.get(name));
    let undelivered = 0;
    for (const { label, quarantined } of history.kept.values()) {
      const taken = takenBefore.has(label) || receiver.has(label, 200);
      if (receiver.has(label, 200)) delivered++;
      if (quarantined || taken || !wants(round, name, label)) continue;
      if (round.expired.has(label)) undelivered++;
      else if (!dead.has(`${label} ${name}`)) lost.push(`${name} has not got ${label}`);
    }
    const report = reports.find((one) => one.name === name);
    expired += report?.expired ?? 0;
    if (!report) fault(`there is no destination ${name}`);
    else if (report.expired < undelivered || report.expired > (round.mostExpired.get(name) ?? 0))
      fault(
        `${name} counts ${report.expired} expired events, of ${undelivered} to ${round.mostExpired.get(name) ?? 0}`,
      );
    const given = letters.filter(({ destination }) => destination === name).length;
    if (report && report.dead !== given) fault(`${name} counts ${report.dead} dead letters of ${given}`);
    if (given > 0 && !round.givingUp.includes(name)) fault(`${name} has ${given} dead letters`);
  }
  round.problems.push(...lost, ...history.problems);
  const disorder = [...outOfOrder(round)];
  round.problems.push(...disorder);
  return {
    sent: ledger.sent.size,
    acknowledged: ledger.answered(200).length,
    unanswered: round.cutOff.unanswered,
    keptUnanswered: round.cutOff.kept,
    kept: history.kept.size,
    delivered,
    dead: letters.length,
    expired,
    repeats: [...posts(round)].reduce((sum, isRepeat) => sum + Number(isRepeat), 0),
    lost: lost.length,
    outOfOrder: disorder.length,
  };
}

function labelOf(kept: ReadonlyMap<string, KeptEvent>, id: string): string | undefined {
  return [...kept.values()].find((event) => event.idTail === idTail(id))?.label;
}

/** The receivers of all rules that forward. */
function destinationsOf({ rules, receivers }: Round): [name: string, receiver: Receiver][] {
  return [...receivers].filter(([name]) => rules.has(name));
}

function wants({ wantsSince, ledger, wants }: Round, name: string, label: string): boolean {
  return wants(name, label) && (ledger.sent.get(label)?.at ?? 0) >= (wantsSince.get(name) ?? 0);
}

/** Checks each post; yields for each event of a post whether the destination had taken it before. */
function* posts({ receivers, history, ledger, replays, problems }: Round): Iterable<boolean> {
  for (const [name, receiver] of receivers) {
    const recorded = history.recorded.get(name) ?? new Map<string, number>();
    const taken = new Set<string>();
    const last = new Map<string, number>();
    for (const { at, id, labels, body, status } of receiver.received) {
      for (const label of labels) {
        const kept = history.kept.get(label);
        const replay = `${label} ${name}`;
        last.set(replay, at);
        if (!kept) problems.push(`${label} was sent to ${name}, and is not kept`);
        else if (kept.quarantined) problems.push(`${label} is quarantined, and was sent to ${name}`);
        else if (labels.length === 1 && name !== "batched" && idTail(id) !== kept.idTail)
          problems.push(`${label} was sent to ${name} under another id`);
        if (!replays.has(replay) && at > (recorded.get(label) ?? at))
          problems.push(`${label} was sent to ${name} after a row had recorded its delivery`);
        const sent = ledger.sent.get(label)?.callback.body;
        if (sent !== undefined && !body.includes(sent)) problems.push(`${label} was sent to ${name} changed`);
        yield taken.has(label) && !replays.has(replay);
        if (status === 200) taken.add(label);
      }
    }
    for (const [replay, answeredAt] of replays)
      if (replay.endsWith(` ${name}`) && answeredAt !== null && (last.get(replay) ?? 0) < answeredAt)
        problems.push(`a replay was accepted, and not sent: ${replay}`);
  }
}

/** First arrivals of a conversation's events, against the order of keeping. */
function* outOfOrder(round: Round): Iterable<string> {
  const { history, inOrder, ledger, orderedSince, taken } = round;
  for (const [name, receiver] of destinationsOf(round)) {
    if (!inOrder.includes(name) && !orderedSince.has(name)) continue;
    const since = orderedSince.get(name) ?? 0;
    const first = [...new Set([...(taken.get(name) ?? []), ...receiver.labels()])].filter(
      (label) => (ledger.sent.get(label)?.at ?? 0) >= since,
    );
    const arrived = Map.groupBy(first, (label) => {
      const { shard, conversation } = history.kept.get(label) ?? { shard: 0, conversation: null };
      return conversation === null ? null : orderKey(shard, conversation);
    });
    for (const [key, labels] of arrived) {
      if (key === null) continue;
      const places = labels.map((label) => history.order.get(key)!.indexOf(label));
      const late = places.findIndex((place, index) => index > 0 && place < places[index - 1]!);
      if (late > 0) yield `${name} got ${labels[late]} after ${labels[late - 1]}, of ${key}`;
    }
  }
}
