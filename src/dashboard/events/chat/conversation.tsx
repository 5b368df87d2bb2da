/** The conversation around an event, so that "why was my message blocked?" is answered by looking. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Client, EventDetail } from "../../../client/index.js";
import { useAnswer } from "../../answer.ts";
import { Button } from "../../parts/button.tsx";
import { Answered, Empty } from "../../parts/panel.tsx";
import { Time } from "../../parts/time.tsx";
import { linkTo } from "../../route.ts";
import { VerdictChip } from "../verdict-chip.tsx";
import { conversationOf, type Element, type Line, type Message } from "./messages.ts";
import { text } from "./text.ts";
import "./conversation.css";

/** Events of a page; a message has two or three. */
const pageSize = 100;
const everyMs = 5_000;
/** How long after the event the conversation is shown, milliseconds. */
const after = 3_600_000;

export function Conversation({ event }: { event: EventDetail }) {
  const pages = useSignal(1);
  const { conversation } = event;
  const answer = useAnswer((relay, signal) => eventsOf(relay, event, pages.value, signal), {
    every: everyMs,
    for: [conversation, pages.value],
  });
  const { none, empty, older } = text.value;
  if (conversation === null) return <Empty>{none}</Empty>;
  return (
    <div class="conversation">
      <p class="soft code wraps">{conversation}</p>
      <Answered answer={answer}>
        {({ events, hasMore }) => (
          <>
            {hasMore && (
              <Button
                onPress={() => {
                  pages.value++;
                }}
              >
                {older}
              </Button>
            )}
            {events.length === 0 && <Empty>{empty}</Empty>}
            <ol>
              {conversationOf(events).map((line) => (
                <LineOf
                  key={line.kind === "message" ? line.message.event : line.event.id}
                  line={line}
                  chosen={event.id}
                />
              ))}
            </ol>
          </>
        )}
      </Answered>
    </div>
  );
}

/** The events of the newest pages, oldest first, with their bodies: a list has none, an export of its period has. */
async function eventsOf(relay: Client, event: EventDetail, pages: number, signal: AbortSignal) {
  const conversation = event.conversation!;
  const end = Date.parse(event.receivedAt) + after;
  const until = new Date(Math.min(end, Date.now() + after)).toISOString();
  let oldest: string | null = null;
  let hasMore = false;
  let left = pages;
  const query = { conversation, until, limit: pageSize };
  for await (const page of relay.pages("/api/events", { query, signal })) {
    oldest = page.events.at(-1)?.receivedAt ?? oldest;
    hasMore = page.cursor !== null;
    if (--left === 0) break;
  }
  const events: EventDetail[] = [];
  if (oldest !== null)
    for await (const one of relay.export({ conversation, since: oldest, until }, { signal }))
      events.push(one);
  return { events, hasMore };
}

function LineOf({ line, chosen }: { line: Line; chosen: string }) {
  const place = useRef<HTMLLIElement>(null);
  const isChosen = line.kind === "message" ? line.message.events.includes(chosen) : line.event.id === chosen;
  useEffect(() => {
    if (isChosen) place.current?.scrollIntoView({ block: "center" });
  }, [isChosen]);
  return (
    <li ref={place} aria-current={isChosen || undefined}>
      {line.kind === "message" ? <Bubble message={line.message} /> : <Note event={line.event} />}
    </li>
  );
}

function Note({ event }: { event: EventDetail }) {
  return (
    <a class="note small" href={linkTo("events", event.id)}>
      <Time at={event.receivedAt} /> {event.command}
      {event.verdict && event.verdict.code !== 0 && <VerdictChip verdict={event.verdict} />}
    </a>
  );
}

function Bubble({ message }: { message: Message }) {
  const { refusedBy, recalledBy, editedBy, notSent, read, unseen, before, someone } = text.value;
  const { event, at, from, elements, verdict, isSent, failure, edits, recalled, reads } = message;
  const isRefused = verdict !== null && verdict.code !== 0 && !isSent;
  return (
    <article class="bubble" data-refused={isRefused} data-recalled={recalled !== null}>
      <header class="small">
        <strong class="wraps">{from ?? someone}</strong>{" "}
        <a class="soft" href={linkTo("events", event)}>
          <Time at={at} />
        </a>
      </header>
      {elements === null ? <p class="soft">{unseen}</p> : <Elements elements={elements} />}
      {isRefused && (
        <p class="small outcome" data-tone="bad">
          {refusedBy(verdict.rule, verdict.code)}
        </p>
      )}
      {failure !== null && (
        <p class="small outcome" data-tone="bad">
          {notSent} {failure}
        </p>
      )}
      {recalled && (
        <p class="small outcome" data-tone="warn">
          <a href={linkTo("events", recalled.event)}>{recalledBy(recalled.by)}</a> <Time at={recalled.at} />
        </p>
      )}
      {edits.map((edit) => (
        <details key={edit.event} class="small outcome" data-tone="busy">
          <summary>
            {editedBy(edit.by)} <Time at={edit.at} />
          </summary>
          <p>
            <a href={linkTo("events", edit.event)}>{before}</a>
          </p>
          {edit.elements && <Elements elements={edit.elements} />}
        </details>
      ))}
      {reads > 0 && <p class="small soft">{read(reads)}</p>}
    </article>
  );
}

function Elements({ elements }: { elements: readonly Element[] }) {
  return (
    <p class="said wraps">
      {elements.map(({ type, text: said }, index) => (
        <bdi key={index}>
          {type !== "TIMTextElem" && <span class="soft">[{text.value.types[type] ?? type}] </span>}
          {said}
        </bdi>
      ))}
    </p>
  );
}
