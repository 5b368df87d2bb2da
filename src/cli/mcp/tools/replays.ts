/** Tools about replays by range. One is counted first, and begins only with that count: no agent sends a million by mistake. */
import { parseRecent } from "../../../rule/instant.ts";
import { counted } from "../../counted.ts";
import { Misuse } from "../../failure.ts";
import { choice, destination, maybe, since, text, until, wholeNumber } from "../inputs.ts";
import { acts, reads } from "../tool.ts";

const listReplays = reads({
  name: "replays",
  title: "Replays",
  does: "Lists replays of periods, the newest first, with how many events matched, were sent and failed. With `id` one of them.",
  input: { id: maybe(text("The id of a replay: `rpl_…`.")) },
  async answer({ id }, relay) {
    const list =
      id === undefined
        ? (await relay.get("/api/replays")).replays
        : [await relay.get("/api/replays/{id}", { path: { id } })];
    const running = list.filter(({ state }) => state === "running").length;
    return {
      says: `${counted(list.length, "replay")}, ${running} running.`,
      data: list.map((one) => ("outOfReach" in one ? { ...one, outOfReach: undefined } : one)),
      narrower: () => "ask for one by its id",
    };
  },
});

const replayRange = acts(
  { destructiveHint: true, idempotentHint: false, openWorldHint: true },
  {
    name: "replay_range",
    title: "Send a period again",
    does: "Sends the events of a period to one destination again. Without `expected` it only counts them, and says with which arguments to begin. It begins only if as many fit as `expected`.",
    input: {
      destination,
      since,
      until,
      on: maybe(text("A command, `*` as wildcard. It narrows the events of the rule.")),
      state: maybe(
        choice(
          ["all", "dead", "quarantined"],
          "`all` (the usual): what the rule forwards, delivered or not. `dead`: dead letters. `quarantined`: quarantined events that the rule matches.",
        ),
      ),
      perSecond: maybe(wholeNumber(1, 1_000, "Events a second at most; 100 if it is left out.")),
      expected: maybe(wholeNumber(0, 1_000_000_000, "How many events fit, as the count before has said.")),
    },
    async answer({ expected, ...given }, relay) {
      const order = { ...given, since: absolute(given.since), until: absolute(given.until) };
      const { matched } = await relay.post("/api/replay", { body: { ...order, dryRun: true } });
      if (expected === undefined)
        return {
          says: `${counted(matched, "event")} would be sent; nothing is sent yet. To begin, call again with expected: ${matched}, since: ${order.since} and until: ${order.until}.`,
        };
      if (matched !== expected)
        throw new Misuse(
          `${matched} events fit now, not ${expected}: nothing is sent; call again with expected: ${matched}`,
        );
      const started = await relay.post("/api/replay", { body: order });
      const id = "id" in started ? started.id : "";
      return {
        says: `Replay ${id} has begun with ${counted(started.matched, "event")}. \`replays\` tells how far it is.`,
      };
    },
  },
);

const cancelReplay = acts(
  { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  {
    name: "cancel_replay",
    title: "Cancel a replay",
    does: "Ends a replay of a period. Events that were sent stay sent.",
    input: { id: text("The id of a replay: `rpl_…`.") },
    async answer({ id }, relay) {
      const { state, sent, failed } = await relay.delete("/api/replays/{id}", { path: { id } });
      return { says: `It is ${state}: ${sent} sent, ${failed} failed.` };
    },
  },
);

export const replayTools = { reading: [listReplays], acting: [replayRange, cancelReplay] };

/** `2h` before now as a time, so that count and replay are about one period. A text that is no time stays as it is. */
function absolute(text: string): string {
  const now = Date.now();
  const ms = parseRecent(text, now);
  return ms === null ? text : new Date(Math.min(ms, now)).toISOString();
}
