/** Checks of destinations: their answers, their backlogs and their losses. */

import { counted } from "../../counted.ts";
import { check, type Fault, problem, warning } from "../check.ts";
import type { Schemas } from "../parts.ts";
import { expiryProblem } from "../topics.ts";

type Destination = Schemas["Destination"];

/** Events that wait for longer are a backlog. Milliseconds. */
const backlogMs = 60_000;

const states = check({
  name: "destinations",
  looksAt: "destinations that take no events now",
  means: "Their events wait, and are dropped at the end of their time. Nothing is lost before that.",
  mend: "Mend the destination; one that is paused, disabled or held goes on after `npx tim-relay resume NAME`. One that waits for a listener or poller goes on when that comes.",
  needs: ["destinations"],
  well: ({ destinations }) => `${counted(destinations.length, "destination")}, all up`,
  faults: ({ destinations }) =>
    destinations.flatMap(({ name, state, awaits, lastError }) => {
      if (awaits) return [warning(`${name} waits for its ${awaits}`)];
      const why = lastError === null ? "" : `: ${lastError}`;
      if (state === "paused") return [warning(`${name} is paused${why}`)];
      if (state === "disabled") return [problem(`${name} answered 410 and is disabled`)];
      return state === "open" ? [problem(`${name} is down or held${why}`)] : [];
    }),
});

const tests = check({
  name: "tests",
  looksAt: "whether each destination takes a signed `Relay.Test` event",
  means: "The destination cannot be reached, or refuses what the gateway sends.",
  mend: "The status tells which: none, then address, certificate or firewall; 401 or 403, then its secret; else its own log.",
  needs: ["tests"],
  well: ({ tests }) => `${counted(tests.size, "destination")}, each took it`,
  faults: ({ tests }) =>
    [...tests].flatMap(([name, { error, ms }]) =>
      error === null ? [] : [problem(`${name}: ${error} (${ms} ms)`)],
    ),
});

const backlog = check({
  name: "backlog",
  looksAt: "events that wait for longer than a minute, or for another attempt",
  means: "A destination lags behind, or its posts fail.",
  mend: "`npx tim-relay destinations` shows the last error. When the destination is mended, `npx tim-relay resume NAME` or `npx tim-relay retry NAME` sends at once.",
  needs: ["destinations"],
  well: () => "nothing waits for long",
  faults: ({ destinations }, now) => destinations.flatMap((one) => backlogOf(one, now)),
});

const expiring = check({
  name: "expiring",
  looksAt: "what waits and has used half of its time",
  means: "It is dropped at the end of RETENTION_HOURS, and then lost to the destination.",
  mend: "Mend or resume the destination before that, or raise RETENTION_HOURS; `npx tim-relay export` saves the events.",
  needs: ["destinations", "health", "expiries"],
  well: () => "nothing has",
  faults: ({ destinations, health, expiries }) =>
    destinations.flatMap(({ name, waiting }) => {
      const sentence = expiryProblem(health.problems, name);
      if (sentence === undefined) return [];
      const at = expiries.get(name);
      return [
        problem(`${sentence}${at === undefined ? "" : ` at ${at}`}; ${counted(waiting, "event")} in all`),
      ];
    }),
});

const expired = check({
  name: "expired",
  looksAt: "events that were dropped before a destination had them",
  means: "They are lost to the destination.",
  mend: "Ask for them elsewhere: Tencent's REST API keeps messages for some days. Raise RETENTION_HOURS.",
  needs: ["destinations"],
  well: () => "none",
  faults: ({ destinations }) =>
    destinations.flatMap(({ name, expired }) =>
      expired > 0 ? [problem(`${name}: ${counted(expired, "event")} dropped undelivered`)] : [],
    ),
});

const dead = check({
  name: "dead letters",
  looksAt: "deliveries that were given up",
  means: "Nothing is sent of them any more unless somebody asks; they are dropped with their events.",
  mend: "`npx tim-relay dead-letters` shows why, and with `--replay` sends them again.",
  needs: ["destinations"],
  well: () => "none",
  faults: ({ destinations }) =>
    destinations.flatMap(({ name, dead }) =>
      dead > 0 ? [problem(`${name}: ${counted(dead, "dead letter")}`)] : [],
    ),
});

export const destinationChecks = [states, tests, backlog, expiring, expired, dead];

/** A pause is intended, and so is its backlog. */
function backlogOf(
  { name, state, waiting, estimated, waitingSince, retrying }: Destination,
  now: number,
): Fault[] {
  const fault = state === "paused" ? warning : problem;
  const age = waitingSince === null ? 0 : now - Date.parse(waitingSince);
  const about = estimated ? "about " : "";
  return [
    ...(age > backlogMs
      ? [fault(`${name}: ${about}${counted(waiting, "event")} waiting, the oldest since ${waitingSince}`)]
      : []),
    ...(retrying > 0 ? [fault(`${name}: ${counted(retrying, "event")} waiting for another attempt`)] : []),
  ];
}
