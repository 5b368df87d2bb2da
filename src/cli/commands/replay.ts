/** `tim-relay replay`: sends the events of a period, or single ones, again; follows, lists and cancels replays. */
import { Option } from "@commander-js/extra-typings";
import type { Client } from "../../client/index.js";
import { repeatedKeys } from "../../rule/json-text.ts";
import { parseExactly } from "../../verdict/exact-json.ts";
import { gatewayCommand } from "../command.ts";
import { counted } from "../counted.ts";
import { Misuse } from "../failure.ts";
import { periodOf } from "../filters.ts";
import { atGateway } from "../gateway.ts";
import { hint } from "../hint.ts";
import { listOf, wholeNumber } from "../options.ts";
import { countOf, type Order, replayed } from "../replay/order.ts";
import { sayEnd, sayJobs } from "../replay/report.ts";
import { type Job, watched } from "../replay/watch.ts";
import { bold, dim, remark, say, sayJson } from "../screen.ts";

const help = `
A period is counted first, sent behind the live events, and followed to its end. It runs at the gateway: Ctrl-C ends
this program, not the replay. The exit code is 1 if an event failed.

Example: npx tim-relay replay --destination audit --since 02:00 --until 03:00`;

const base = gatewayCommand("replay", "sends the events of a period, or single ones, again", "mostly admin")
  .argument("[ids...]", "single events, instead of a period")
  .option("-d, --destination <destination>", "where to; of single events any number (all that fit)", listOf)
  .option("--from, --since <when>", "the period's beginning: 2h, 02:00, yesterday 14:00, a date")
  .option("--until <when>", "its end (now); a time of day is the first one after --since")
  .option("--on <command>", "commands of it alone, * as wildcard; may be given again", listOf)
  .option("--match <pattern>", "events of it alone that fit a pattern, as in a rule")
  .addOption(
    new Option(
      "--state <state>",
      "all that the rule forwards, delivered or not; dead letters; or quarantined ones that fit",
    ).choices(["all", "dead", "quarantined"] as const),
  )
  .option("--per-second <count>", "at most so many a second (100)", wholeNumber)
  .option("--dry-run", "counts the events, and sends nothing")
  .option("--list", "lists replays and erasures, newest first")
  .option("--watch <id>", "follows a replay that runs")
  .option("--cancel <id>", "cancels one; what was sent stays sent")
  .addHelpText("after", help);

type Options = ReturnType<typeof base.opts>;

export const replay = base.action((ids, options) =>
  atGateway(options, async (relay) => {
    const { json, destination, since, list, watch, cancel } = options;
    const asked = [ids.length > 0, since !== undefined, list, watch !== undefined, cancel !== undefined];
    if (asked.filter(Boolean).length !== 1)
      throw new Misuse(
        "give either --destination and --since, or ids of events, or one of --list, --watch, --cancel",
      );
    if (list) return listed(relay, json);
    if (cancel !== undefined) return cancelled(relay, cancel, json);
    if (watch !== undefined) {
      const job = await watched(relay, watch);
      return endOf(relay, job, json);
    }
    if (ids.length > 0) return single(relay, ids, destination, json);
    const order = orderOf(options, Date.now());
    if (options.dryRun) {
      const matched = await countOf(relay, order);
      if (json) sayJson({ matched });
      else
        say(
          `${counted(matched, "event")} would be sent to `,
          bold(order.destination),
          dim("; nothing is sent"),
        );
      return 0;
    }
    const job = await replayed(relay, order, json === true);
    if (job !== null) return endOf(relay, job, json);
    if (json) sayJson({ matched: 0 });
    else remark("no event fits: nothing is sent");
    return 0;
  }),
);

function endOf(relay: Client, job: Job, json: true | undefined): number {
  if (!json) return sayEnd(job, relay);
  sayJson(job);
  return job.state === "done" && job.failed === 0 ? 0 : 1;
}

/** @throws Misuse if something is missing or wrong */
function orderOf({ destination = [], on, match, state, perSecond, ...period }: Options, now: number): Order {
  const [name, ...more] = destination;
  if (name === undefined || more.length > 0) throw new Misuse("--destination: expected one, for a period");
  const { since = "", until = new Date(now).toISOString() } = periodOf(period, now);
  return {
    destination: name,
    since,
    until,
    ...(on && { on }),
    ...(match !== undefined && { match: patternOf(match) }),
    ...(state && { state }),
    ...(perSecond !== undefined && { perSecond }),
  };
}

function patternOf(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseExactly(text);
  } catch (error) {
    throw new Misuse(`--match is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Misuse('--match: expected a pattern such as {"body": {"Type": ["Public"]}}');
  const [twice] = repeatedKeys(text);
  if (twice) throw new Misuse(`--match: ${twice.join(".")} is given twice`);
  return value as Record<string, unknown>;
}

async function single(
  relay: Client,
  ids: readonly string[],
  destinations: string[] | undefined,
  json: true | undefined,
): Promise<number> {
  const done: { event: string; queued: number }[] = [];
  for (const event of ids) {
    const body = destinations ? { destinations } : {};
    const { queued } = await relay.post("/api/events/{id}/replay", { path: { id: event }, body });
    done.push({ event, queued });
    if (!json) {
      if (queued === 0) say(event, ": no rule wants it; nothing is sent");
      else
        say(
          event,
          `: ${counted(queued, "delivery", "deliveries")} queued`,
          dim(`; ${hint(relay, `show ${event}`)}`),
        );
    }
  }
  if (json) sayJson(done);
  return 0;
}

async function listed(relay: Client, json: true | undefined): Promise<number> {
  const answer = await relay.get("/api/replays");
  if (json) sayJson(answer);
  else {
    for (const problem of answer.problems ?? []) remark(problem);
    if (answer.replays.length > 0) sayJobs(answer.replays, Date.now());
    else remark("no replay runs or has ended");
  }
  return 0;
}

async function cancelled(relay: Client, id: string, json: true | undefined): Promise<number> {
  const job = await relay.delete("/api/replays/{id}", { path: { id } });
  if (json) sayJson(job);
  else
    say(
      bold(id),
      ` is ${job.state}: ${job.sent} of ${counted(job.matched, "event")} sent, ${job.failed} failed`,
    );
  return 0;
}
