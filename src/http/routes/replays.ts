/** Replays by range: ordering one, how far each has come, and cancelling one. */
import type { Json } from "../../rule/json.ts";
import { type Narrowing, readNarrowing } from "../../rule/selection.ts";
import { pathAt } from "../../rule/setting-path.ts";
import { inTurn, say } from "../../sentence.ts";
import { type ReplayFilter, replayChoices } from "../../shard/replay/order.ts";
import { mergeReplays, type ReplayReport } from "../../shard/replay/report.ts";
import type { Shard } from "../../shard/shard.ts";
import { askAll, askEach, askOne, type Place } from "../ask-each.ts";
import { erasuresOf } from "../erasures.ts";
import { anyObject, anything, choice, flag, requiredInstant, requiredText, wholeNumber } from "../fields.ts";
import type { Erasure, Replay } from "../operations/replays.ts";
import { orderToAll } from "../order-to-all.ts";
import { recipientsAmong } from "../recipients.ts";
import { json, Refusal, time } from "../reply.ts";
import { route } from "../route.ts";
import { refuseUnknown } from "./events.ts";

const rateRange = { least: 1, most: 1_000, otherwise: 100 };

/** Replays that may run at a time: each is a row that its shards write once a second, and shares their posts. */
const mostRunning = 20;

/** A longer `match` is no pattern that a person wrote. Characters. */
const longestNarrowing = 16_384;

const startReplay = route(
  {
    method: "POST",
    path: "/api/replay",
    operation: "startReplay",
    access: "admin",
    body: () => ({
      destination: requiredText("The name of a destination.", say`expected the name of a destination`),
      since: requiredInstant(
        "The beginning of the period, inclusive: a time, or `2h` before now. It begins RETENTION_HOURS ago at the earliest.",
      ),
      until: requiredInstant(
        "The end of the period, exclusive: a time, or `1h` before now. It ends now at the latest.",
      ),
      on: anything("A command or a list of them, as in a rule. It narrows the events of the rule.", {
        anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }],
      }),
      match: anything("An event pattern, as in a rule. It narrows the events of the rule.", anyObject),
      state: choice(
        replayChoices,
        "`all`: the events that the rule would forward, delivered or not. `quarantined`: quarantined ones that it matches. `dead`: dead letters of the destination. Absent: `all`.",
      ),
      perSecond: wholeNumber(rateRange, "Events a second at most, divided among the shards."),
      dryRun: flag("True: the events are only counted."),
    }),
    status: 202,
    action: { name: "replayed", target: ({ body }) => (body.dryRun ? null : body.destination) },
  },
  async ({ body, ...place }) => {
    const { state, perSecond, dryRun, destination } = body;
    const now = Date.now();
    const until = Math.min(body.until, now);
    const since = Math.min(Math.max(body.since, now - place.config.retentionMs), until);
    if (body.until < body.since) throw new Refusal(400, "bad_until", say`until: is before since`);
    const narrowing = narrowingOf(body.on, body.match);
    await recipientsAmong([destination], place);
    for (const command of commandsOf(body.on)) await refuseUnknown(command, place, "on");
    const filter: ReplayFilter = {
      destination,
      since,
      until,
      choice: state ?? "all",
      orderedAt: now,
      narrowing,
    };
    const advice = say`nothing has begun, ask again later`;
    const known = await askAll(place, "replay", (stub) => stub.replays(), { advice });
    if (!dryRun) refuseTooMany(known.flat());
    const count = (stub: DurableObjectStub<Shard>) => stub.countReplay(filter);
    const parts = await askAll(place, "replay", count, { advice, long: true });
    const matched = parts.reduce((sum, part) => sum + part.matched, 0);
    if (dryRun) return json({ matched });
    const rate = perSecond ?? rateRange.otherwise;
    const id = await orderToAll(parts, place, (stub) => stub.startReplay(filter, rate, parts));
    return { id, matched };
  },
);

const listReplays = route(
  {
    method: "GET",
    path: "/api/replays",
    operation: "listReplays",
    access: "read",
  },
  async (context) => {
    const { replays, erasures, silent } = await jobs(context);
    const all = [...replays, ...erasures].sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
    return { replays: all, ...(silent.length > 0 && { problems: silent }) };
  },
);

const showReplay = route(
  {
    method: "GET",
    path: "/api/replays/{id}",
    operation: "getReplay",
    access: "read",
  },
  ({ params: { id }, ...context }) => jobOf(id, context),
);

const cancelReplay = route(
  {
    method: "DELETE",
    path: "/api/replays/{id}",
    operation: "cancelReplay",
    access: "admin",
    action: { name: "cancelled", target: ({ params }) => params.id },
  },
  async ({ params: { id }, ...context }) => {
    const found = await jobOf(id, context);
    if (found.kind === "erase")
      throw new Refusal(400, "bad_id", say`an erasure cannot be cancelled: its events are erased in part`);
    if (found.state !== "running") return found;
    const advice = say`whether ${id} is cancelled is not known, ask again`;
    await askOne(context, 0, "cancel", (stub) => stub.cancelReplay(id), { advice });
    return (await jobOf(id, context)) as Replay;
  },
);

export const replayRoutes = [startReplay, listReplays, showReplay, cancelReplay];

function refuseTooMany(parts: readonly ReplayReport[]): void {
  const running = mergeReplays(parts).filter(({ state }) => state === "running").length;
  if (running < mostRunning) return;
  throw new Refusal(
    400,
    "too_many_replays",
    say`${running} replays run, and ${mostRunning} may: wait for one to end, or cancel one`,
  );
}

/** All replays and erasures over the shards that answer, the newest of each first. */
async function jobs(place: Place): Promise<{ replays: Replay[]; erasures: Erasure[]; silent: string[] }> {
  const { answers, silent } = await askEach(place, "replays", (stub) =>
    Promise.all([stub.replays(), stub.erasures()]),
  );
  const partial = silent.length > 0;
  const replays = mergeReplays(answers.flatMap(([parts]) => parts))
    .sort((a, b) => b.started - a.started || (a.id < b.id ? 1 : -1))
    .map((report) => replayJson(report, partial));
  const erasures = erasuresOf(
    answers.flatMap(([, parts]) => parts),
    partial,
  );
  return { replays, erasures, silent };
}

/** Throws a refusal if there is none of this id, or if only a silent shard may know it. */
async function jobOf(id: string, place: Place): Promise<Replay | Erasure> {
  const { replays, erasures, silent } = await jobs(place);
  const found = [...replays, ...erasures].find((one) => one.id === id);
  if (found) return found;
  if (silent.length > 0) throw new Refusal(503, "unavailable", inTurn(silent));
  throw new Refusal(404, "unknown_replay", say`there is no replay ${JSON.stringify(id.slice(0, 100))}`);
}

/** @param partial a shard is silent: its part is missing, and may not be done */
function replayJson(report: ReplayReport, partial: boolean): Replay {
  const { id, destination, matched, sent, failed } = report;
  const state = partial && report.state === "done" ? "running" : report.state;
  return {
    id,
    kind: "replay",
    destination,
    since: time(report.since),
    until: time(report.until),
    state,
    matched,
    sent,
    failed,
    startedAt: time(report.started),
    endedAt: time(state === "running" ? null : report.ended),
    ...(partial && { estimated: true }),
  };
}

/** @param on as `narrowingOf` has accepted it */
function commandsOf(on: unknown): string[] {
  return [(on ?? []) as string | string[]].flat();
}

/** The JSON of `on` and `match`. Throws a refusal that names the first mistake by its path. */
function narrowingOf(on: unknown, match: unknown): string {
  const mistakes: { path: string; message: string }[] = [];
  const at = pathAt("", (path, message) => mistakes.push({ path, message }));
  const narrowing = { on: on as Json, match: match as Json } as Narrowing;
  readNarrowing(narrowing, at);
  const [mistake] = mistakes;
  if (mistake) {
    const key = mistake.path.startsWith("on") ? "on" : "match";
    throw new Refusal(400, `bad_${key}`, say`${mistake.path}: ${mistake.message}`);
  }
  const text = JSON.stringify(narrowing);
  if (text.length <= longestNarrowing) return text;
  throw new Refusal(400, "bad_match", say`match: is longer than ${longestNarrowing} characters, with on`);
}
