/** Destinations: where each stands, pause, resume, and forgetting one that no rule names any more. */
import type { Config } from "../../config.ts";
import { withoutKeys } from "../../rule/describe.ts";
import { type Sentence, say } from "../../sentence.ts";
import type { DestinationReport } from "../../shard/pump/report.ts";
import { shownError } from "../../shard/query/shown-error.ts";
import type { Shard } from "../../shard/shard.ts";
import { askAll, askMost, askOne, marked, mustAllAnswer, type Place } from "../ask-each.ts";
import type { Caller } from "../authorize.ts";
import { countedDestinations, destinationReports, mergeReports } from "../destination-reports.ts";
import type { Destination, Steered } from "../operations/destinations.ts";
import { forwards, recipientsAmong, unknownDestination, wrongRule } from "../recipients.ts";
import { Refusal, time } from "../reply.ts";
import { route } from "../route.ts";
import { latencyOf, mergeRuleCounters } from "../rule-counters.ts";
import { standingOf } from "../rule-standing.ts";
import { ruleStateOf } from "../rule-state.ts";

const listDestinations = route(
  {
    method: "GET",
    path: "/api/destinations",
    operation: "listDestinations",
    access: "read",
  },
  async ({ caller: { sees }, ...place }) => {
    const { config } = place;
    const { answers, missing } = await askMost(place, "destinations", (stub) =>
      Promise.all([countedDestinations(stub), stub.ruleCounters()]),
    );
    const reports = mergeReports(answers.map(([destinations]) => destinations));
    const counters = mergeRuleCounters(answers.map(([, counted]) => counted));
    const shown = (report: DestinationReport, url: string | null) => ({
      ...destinationJson(report, url, latencyOf(report.name, counters), sees, config),
      ...marked(missing),
    });
    const valid = config.rules.rules.flatMap((rule) => (rule.kind === "forward" ? [rule] : []));
    const listed = valid.map(({ name, address }) =>
      shown(reports.get(name) ?? unseen(name), address.written),
    );
    const others = [...reports.values()]
      .filter(({ name }) => !forwards(config, name))
      .filter(({ waiting, retrying, dead, expired }) => waiting + retrying + dead + expired > 0)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((report) => shown(report, null));
    return [...listed, ...others];
  },
);

const pauseDestination = route(
  {
    method: "POST",
    path: "/api/destinations/{name}/pause",
    operation: "pauseDestination",
    access: "admin",
    action: { name: "paused", target: ({ params }) => params.name },
  },
  ({ params, ...place }) => steer(params.name, "pause", place),
);

const resumeDestination = route(
  {
    method: "POST",
    path: "/api/destinations/{name}/resume",
    operation: "resumeDestination",
    access: "admin",
    action: { name: "resumed", target: ({ params }) => params.name },
  },
  ({ params, ...place }) => steer(params.name, "resume", place),
);

const testDestination = route(
  {
    method: "POST",
    path: "/api/destinations/{name}/test",
    operation: "testDestination",
    access: "admin",
    action: { name: "tested", target: ({ params }) => params.name },
  },
  async ({ params: { name }, ...place }) => {
    const { config } = place;
    mustForward(name, config);
    const outcome = await askOne(place, 0, "test", (stub) => stub.test(name), { long: true });
    if (!outcome) throw unknownDestination(404, name, config);
    const { status, ms, error, response } = outcome;
    return { status, ms, error, response };
  },
);

const retryDestination = route(
  {
    method: "POST",
    path: "/api/destinations/{name}/retry",
    operation: "retryDestination",
    access: "admin",
    status: 202,
    action: { name: "retried", target: ({ params }) => params.name },
  },
  async ({ params: { name }, ...place }) => {
    mustForward(name, place.config);
    await recipientsAmong([name], place);
    const retry = (stub: DurableObjectStub<Shard>) => stub.retryNow(name);
    const { answers, missing } = await askMost(place, "retry", retry, { long: true });
    return { queued: answers.reduce((sum, events) => sum + events, 0), ...marked(missing) };
  },
);

const forgetDestination = route(
  {
    method: "DELETE",
    path: "/api/destinations/{name}",
    operation: "forgetDestination",
    access: "admin",
    action: { name: "forgot", target: ({ params }) => params.name },
  },
  async ({ params: { name }, ...place }) => {
    const { config } = place;
    const refusal = (sentence: Sentence) => new Refusal(400, "destination_in_use", sentence);
    if (config.rules.heldNames.includes(name))
      throw refusal(
        say`${name} has a rule, though a wrong one: its events wait until that is mended or removed`,
      );
    if (forwards(config, name))
      throw refusal(say`${name} has a rule: only what no rule names any more can be forgotten`);
    await mustAllAnswer(place, "forget", say`nothing is forgotten, ask again later`);
    const { reports } = await destinationReports(place);
    if (!reports.has(name)) {
      if (config.rules.rules.some((rule) => rule.name === name))
        throw refusal(say`${name} has a rule that does not forward`);
      throw unknownDestination(404, name, config);
    }
    const advice = say`${name} may be forgotten in part, ask again`;
    await askOne(place, 0, "forget", (stub) => stub.steer(name, "forget"), { advice });
    const forgotten = await askAll(place, "forget", (stub) => stub.forget(name), { advice, long: true });
    return { forgotten: forgotten.reduce((sum, events) => sum + events, 0) };
  },
);

export const destinationRoutes = [
  listDestinations,
  pauseDestination,
  resumeDestination,
  testDestination,
  retryDestination,
  forgetDestination,
];

/** Throws where no valid rule forwards to a destination. */
function mustForward(name: string, config: Config): void {
  if (config.rules.heldNames.includes(name)) throw wrongRule(name);
  if (!forwards(config, name)) throw unknownDestination(404, name, config);
}

async function steer(name: string, action: "pause" | "resume", place: Place): Promise<Steered> {
  const { env, config } = place;
  const rule = config.rules.listed.find((one) => one.name === name);
  if (!rule) throw unknownDestination(404, name, config);
  const advice =
    action === "pause"
      ? say`whether ${name} is paused is not known, ask again`
      : say`whether ${name} is resumed is not known, ask again`;
  await askOne(place, 0, "steer", (stub) => stub.steer(name, action), { advice });
  if (!config.rules.heldNames.includes(name) && !forwards(config, name)) {
    const { paused } = await askOne(place, 0, "steer", () => standingOf(env, config), { advice });
    return { name, state: ruleStateOf(rule, paused) };
  }
  const { reports } = await destinationReports(place);
  const report = reports.get(name) ?? unseen(name);
  return { name, state: stateOf(report, config), ...(report.awaits && { awaits: report.awaits }) };
}

function destinationJson(
  report: DestinationReport,
  url: string | null,
  latency: Destination["latency"],
  sees: Caller["sees"],
  config: Config,
): Destination {
  const { name, waiting, estimated, retrying, dead, expired, delivered, failed, concurrency } = report;
  return {
    name,
    url: url !== null && sees === "metadata" ? withoutKeys(url) : url,
    state: stateOf(report, config),
    ...(report.awaits && { awaits: report.awaits }),
    waiting,
    ...(estimated && { estimated }),
    waitingSince: time(report.waitingSince),
    retrying,
    dead,
    expired,
    delivered,
    failed,
    ...(concurrency && { concurrency }),
    latency,
    lastSuccessAt: time(report.lastSuccessAt),
    lastError: obstacleOf(report, config) ?? shownError(report.lastError, sees),
  };
}

/** A destination whose rule keeps events from being sent is shown as paused. */
function stateOf(report: DestinationReport, config: Config): DestinationReport["state"] {
  return obstacleOf(report, config) === null || report.state === "disabled" ? report.state : "paused";
}

/** Why the rule keeps waiting events from being sent; null where it does not. */
function obstacleOf({ name, waiting, retrying }: DestinationReport, { rules }: Config): Sentence | null {
  const rule = rules.rules.find((one) => one.name === name);
  if (rules.heldNames.includes(name)) return say`its rule is wrong: /health says how`;
  if (!rule) return say`no rule has this name`;
  if (rule.kind !== "forward") return say`the rule of this name does not forward`;
  return !rule.enabled && waiting + retrying > 0 ? say`its rule is switched off` : null;
}

/** The report of a destination that no shard has seen yet. */
const unseen = (name: string): DestinationReport => ({
  name,
  state: "up",
  waiting: 0,
  estimated: false,
  retrying: 0,
  dead: 0,
  expired: 0,
  delivered: 0,
  failed: 0,
  waitingSince: null,
  lastSuccessAt: null,
  lastError: null,
  heldUntil: null,
  full: false,
  delayed: 0,
  forgottenAt: null,
});
