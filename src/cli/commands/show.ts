/** `tim-relay show ID`: one event, all that became of it, and the life of its message. */
import { senderOf } from "../../callback/sender.ts";
import { stepOf } from "../../callback/step.ts";
import type { Event, EventDetail } from "../../client/index.js";
import { gatewayCommand } from "../command.ts";
import { atGateway } from "../gateway.ts";
import { localTime, relativeTime, timeOrDay, tookOf } from "../moment.ts";
import { bold, dim, type Piece, say, sayJson, sayText, screenWidth, stateOf } from "../screen.ts";
import { type Column, sayTable } from "../table.ts";
import { timelineOf } from "../timeline.ts";
import { shortVerdict, verdictSentence } from "../verdict.ts";

export const show = gatewayCommand(
  "show",
  "shows one event: its body, verdict, deliveries, and its message's life",
)
  .argument("<id>", "the event: see `events`, or the header webhook-id of a delivery")
  .addHelpText("after", "\nExample: npx tim-relay show evt_01kb2x…")
  .action((id, options) =>
    atGateway(options, async (relay) => {
      const event = await relay.get("/api/events/{id}", { path: { id } });
      const timeline = await timelineOf(relay, event);
      if (options.json) {
        sayJson({ event, timeline });
        return 0;
      }
      const now = Date.now();
      sayEvent(event, now);
      sayDeliveries(event, now);
      if (timeline.length > 1) sayTimeline(timeline, event, now);
      sayBody(event);
      return 0;
    }),
  );

function sayEvent(event: EventDetail, now: number): void {
  const { id, command, state, receivedAt, size, conversation, app, platform, clientIp, verdict } = event;
  say(bold(command), "  ", stateOf(state));
  say(id);
  const from = event.body && senderOf(JSON.stringify(event.body));
  const place = [`app ${app}`, platform, clientIp].filter(Boolean).join(", ");
  say(dim("  received      "), `${localTime(receivedAt)} (${relativeTime(receivedAt, now)}), ${size} bytes`);
  say(dim("  came through  "), place);
  if (conversation !== null) say(dim("  conversation  "), conversation);
  if (from) say(dim("  from          "), from);
  if (verdict) {
    say(dim("  verdict       "), verdictSentence(verdict));
    if (verdict.reason) say("                ", verdict.reason);
    for (const { rule, code } of verdict.shadows)
      say(dim("  on trial      "), `rule ${rule}: ${code === null ? "no verdict" : `code ${code}`}`);
  }
  if (!event.known) say(dim("  unknown       "), "no document of Tencent describes this command");
  for (const { path, message } of event.issues)
    say(dim("  problem       "), { text: path ? `${path} ${message}` : message, style: "red" });
}

function sayDeliveries({ deliveries }: EventDetail, now: number): void {
  say();
  say(deliveries.length === 0 ? "No rule forwards it." : bold("Deliveries"));
  for (const { destination, state, attempts, nextAt, reason, waitsFor } of deliveries) {
    const next = nextAt === null ? "" : `, ${nextAttempt(nextAt, now)}`;
    const waits = waitsFor === undefined ? "" : `, waits for ${waitsFor}`;
    say("  ", bold(destination), "  ", stateOf(state), next, waits, reason ? `: ${reason}` : "");
    attempts.forEach(({ number, at, status, ms, error, response }, index) => {
      const outcome = status === null ? "no answer" : String(status);
      say(
        dim(`    ${number ?? index + 1}. `),
        `${timeOrDay(at, now)}  ${outcome} in ${tookOf(ms)}`,
        error === null ? "" : { text: `  ${error}`, style: "red" },
      );
      if (response) say(dim(`       ${response}`));
    });
  }
}

/** A destination that may not be sent to now leaves attempts undone that are due. */
function nextAttempt(at: string, now: number): string {
  if (Date.parse(at) <= now) return "next attempt is due";
  return `next attempt ${relativeTime(at, now)} (${timeOrDay(at, now)})`;
}

function sayTimeline(timeline: readonly Event[], shown: EventDetail, now: number): void {
  say();
  say(bold("Life of the message"));
  const columns: Column<Event>[] = [
    { title: "", cell: ({ id }) => (id === shown.id ? "▸" : "") },
    { title: "TIME", cell: ({ receivedAt }) => timeOrDay(receivedAt, now), optional: true },
    { title: "", cell: ({ command }) => bold(stepOf(command)) },
    { title: "OUTCOME", cell: outcomeOf },
    { title: "ID", cell: ({ id }) => id },
    { title: "COMMAND", cell: ({ command }) => command, least: 16, optional: true },
  ];
  sayTable(columns, timeline, screenWidth());
}

function outcomeOf({ verdict, state }: Event): Piece {
  return verdict ? shortVerdict(verdict) : stateOf(state);
}

/** Lines of a body that a terminal is shown; a pipe gets all. */
const mostLines = 60;

function sayBody({ body, query }: EventDetail): void {
  say();
  if (!body) {
    say(dim("This token sees no bodies."));
    return;
  }
  if (query)
    say(
      dim("Query  "),
      Object.entries(query)
        .map(([name, value]) => `${name}=${value}`)
        .join(" "),
    );
  say(bold("Body"));
  const lines = JSON.stringify(body, null, 2).split("\n");
  const shown = process.stdout.isTTY ? lines.slice(0, mostLines) : lines;
  sayText(shown.join("\n"));
  if (shown.length < lines.length) say(dim(`… and ${lines.length - shown.length} more lines: --json`));
}
