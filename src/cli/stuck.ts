/** Why deliveries do not go on: the gateway's own sentences, and events whose attempts fail. */
import type { Client, Destination, EventDetail } from "../client/index.js";
import { counted } from "./counted.ts";
import { hint } from "./hint.ts";
import { relativeTime } from "./moment.ts";
import { bold, dim, type Piece, say, screenWidth } from "./screen.ts";
import { cutPieces } from "./tail/line.ts";

type Delivery = EventDetail["deliveries"][number];

/** So many events are shown, each by three requests. */
const mostShown = 3;

/** Events that wait for another attempt are looked for among so many of each state. */
const mostLooked = 20;

/** Prints nothing where all goes well. */
export async function sayStuck(destinations: readonly Destination[], relay: Client): Promise<void> {
  const { problems } = await relay.get("/health");
  const ofDestinations = problems.filter((one) =>
    destinations.some(({ name }) => one.startsWith(`${name}: `)),
  );
  if (ofDestinations.length > 0) say();
  for (const problem of ofDestinations) say(problem);
  // Of a destination that is down, its events say no more than its last error.
  const failing = destinations.filter(({ state, retrying }) => state === "up" && retrying > 0);
  if (failing.length > 0) await sayFailing(new Set(failing.map(({ name }) => name)), relay);
}

async function sayFailing(names: ReadonlySet<string>, relay: Client): Promise<void> {
  // An event that another destination was refused is listed as dead.
  const lists = await Promise.all(
    (["retrying", "dead"] as const).map((state) =>
      relay.get("/api/events", { query: { state, limit: mostLooked } }),
    ),
  );
  const found = lists
    .flatMap(({ events }) => events)
    .filter(({ destinations }) =>
      Object.entries(destinations).some(([name, state]) => names.has(name) && state === "retrying"),
    );
  for (const { id } of found.slice(0, mostShown)) {
    const event = await relay.get("/api/events/{id}", { path: { id } });
    for (const delivery of event.deliveries) {
      if (!names.has(delivery.destination) || delivery.state !== "retrying") continue;
      sayDelivery(event, delivery);
      const behind = await countBehind(event, delivery.destination, relay);
      if (behind > 0)
        say(`  ${counted(behind, "event")} of its conversation ${behind === 1 ? "waits" : "wait"} behind it`);
    }
  }
  say();
  const more = found.length > mostShown ? `all of them: ${hint(relay, "events --state retrying")}; ` : "";
  say(dim(`${more}to give one up, so that its conversation goes on: ${hint(relay, "skip ID")}`));
}

function sayDelivery(
  { id, command, conversation }: EventDetail,
  { destination, attempts, nextAt }: Delivery,
): void {
  const last = attempts.at(-1);
  const next = nextAt === null ? "" : `, again ${relativeTime(nextAt, Date.now())}`;
  say();
  sayCut(bold(destination), "  ", id, `  ${command}`, conversation === null ? "" : `  ${conversation}`);
  if (last)
    sayCut(
      `  attempt ${last.number ?? attempts.length} `,
      { text: last.error ?? "failed", style: "red" },
      next,
    );
  if (last?.response) sayCut("  its answer: ", last.response);
}

/** How many events wait for this one to be delivered first; 0 unless the destination keeps the order. */
async function countBehind(
  { id, conversation }: EventDetail,
  destination: string,
  relay: Client,
): Promise<number> {
  if (conversation === null) return 0;
  const query = { conversation, state: "pending", limit: 200 } as const;
  const { events } = await relay.get("/api/events", { query });
  const pending = events.filter(({ destinations }) => destinations[destination] === "pending");
  const [latest] = pending;
  if (!latest) return 0;
  const { deliveries } = await relay.get("/api/events/{id}", { path: { id: latest.id } });
  return deliveries.some((one) => one.destination === destination && one.waitsFor === id)
    ? pending.length
    : 0;
}

/** Prints a line as far as the screen has room for it. */
function sayCut(...pieces: Piece[]): void {
  say(...cutPieces(pieces, screenWidth()));
}
