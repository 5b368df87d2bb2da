/** The last relay events as sentences. */
import type { Client, Event } from "../../client/index.js";
import { useAnswer } from "../answer.ts";
import { clock, count, duration } from "../figures.ts";
import { Answered, Empty, Panel } from "../parts/panel.tsx";
import { Lamp } from "../parts/state.tsx";
import { Ago } from "../parts/time.tsx";
import { linkTo } from "../route.ts";
import { seesBodies } from "../session.ts";
import { told as toldIn } from "../told/told.ts";
import { type News, newsOf } from "./news.ts";
import { type RelayEvent, sentenceOf, toneOfRelay } from "./relay-sentences.ts";
import { text } from "./text.ts";

const lookEveryMs = 10_000;
const most = 10;
/** Asked for, so that a fault of every minute leaves room for others. */
const read = 60;

/** Bodies never change: each is asked for once. */
const bodies = new Map<string, RelayEvent["body"]>();

export function Told() {
  const { told, nothingTold, alike, relay: words } = text.value;
  const answer = useAnswer(lastTold, { every: lookEveryMs });
  return (
    <Panel title={told}>
      <Answered answer={answer}>
        {(all) =>
          all.length === 0 ? (
            <Empty>{nothingTold}</Empty>
          ) : (
            <ul class="told">
              {all.map(({ event, earlier, body }) => (
                <li key={event.id}>
                  <a href={linkTo("events", event.id, { filter: "command:Relay.*" })}>
                    <Lamp tone={toneOfRelay(event.command)} />
                    <span class="wraps">
                      {sentenceOf({ ...event, body }, words, { count, duration, clock, told: toldIn.value })}
                      {earlier > 0 && <span class="soft small"> {alike(earlier)}</span>}
                    </span>
                    <span class="soft small">
                      <Ago at={event.receivedAt} />
                    </span>
                  </a>
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
    </Panel>
  );
}

async function lastTold(
  relay: Client,
  signal: AbortSignal,
): Promise<(News<Event> & { body: RelayEvent["body"] })[]> {
  const query = { command: "Relay.*", limit: read };
  const { events } = await relay.get("/api/events", { query, signal });
  const news = newsOf(events, most);
  const ids = news.map(({ event }) => event.id);
  for (const id of bodies.keys()) if (!ids.includes(id)) bodies.delete(id);
  if (seesBodies.value)
    await Promise.all(ids.filter((id) => !bodies.has(id)).map((id) => hear(relay, id, signal)));
  return news.map((one) => ({ ...one, body: bodies.get(one.event.id) ?? null }));
}

async function hear(relay: Client, id: string, signal: AbortSignal): Promise<void> {
  const { body } = await relay.get("/api/events/{id}", { path: { id }, signal });
  bodies.set(id, body as RelayEvent["body"]);
}
