/**
 * The rows of a long list. Only rows in sight are in the page, so that 10,000 scroll as smoothly as ten. While a person
 * reads further down, new events do not move the rows.
 */
import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Event } from "../../client/index.js";
import { count } from "../figures.ts";
import { Loading } from "../parts/panel.tsx";
import { State } from "../parts/state.tsx";
import { Time } from "../parts/time.tsx";
import type { Feed } from "./feed.ts";
import { text } from "./text.ts";
import { VerdictChip } from "./verdict-chip.tsx";

/** Pixels; the style sheet has the same. */
const rowHeight = 46;
/** Further rows above and below, so that a fast scroll meets no blank. */
const margin = 10;

interface Props {
  feed: Feed;
  chosen: string | null;
  onOpen(id: string): void;
}

export function EventList({ feed, chosen, onOpen }: Props) {
  const events = feed.events.value;
  const box = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(800);
  const first = Math.max(0, Math.floor(top.value / rowHeight) - margin);
  const last = Math.min(events.length, Math.ceil((top.value + height.value) / rowHeight) + margin);

  useAnchor(box, events);
  useEffect(() => {
    const element = box.current!;
    const resizing = new ResizeObserver(() => {
      height.value = element.clientHeight;
    });
    resizing.observe(element);
    return () => resizing.disconnect();
  }, [height]);

  // The chosen event is scrolled into sight when a key has chosen it.
  useEffect(() => {
    const at = feed.events.peek().findIndex(({ id }) => id === chosen);
    const element = box.current!;
    if (at === -1) return;
    if (at * rowHeight < element.scrollTop) element.scrollTop = at * rowHeight;
    if ((at + 1) * rowHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = (at + 1) * rowHeight - element.clientHeight;
  }, [chosen, feed]);

  useSignalEffect(() => {
    const end = feed.events.value.length * rowHeight;
    if (feed.hasMore.value && top.value + height.value > end - 20 * rowHeight) feed.more();
  });

  return (
    <div
      ref={box}
      class="rows"
      onScroll={({ currentTarget }) => {
        top.value = currentTarget.scrollTop;
      }}
    >
      <div
        role="listbox"
        aria-label={text.value.title}
        tabIndex={0}
        aria-activedescendant={chosen ?? undefined}
        style={{ height: `${events.length * rowHeight}px` }}
      >
        {events.slice(first, last).map((event, index) => (
          <Row
            key={event.id}
            event={event}
            top={(first + index) * rowHeight}
            position={first + index + 1}
            total={feed.hasMore.value ? -1 : events.length}
            isChosen={event.id === chosen}
            onOpen={onOpen}
          />
        ))}
      </div>
      {feed.hasMore.value && <Loading />}
      {top.value > 0 && (
        <button
          type="button"
          class="to-top"
          title={text.value.toTop}
          onClick={() => box.current!.scrollTo({ top: 0 })}
        >
          ↑ {count(Math.round(top.value / rowHeight))}
        </button>
      )}
    </div>
  );
}

interface RowProps {
  event: Event;
  top: number;
  position: number;
  total: number;
  isChosen: boolean;
  onOpen(id: string): void;
}

function Row({ event, top, position, total, isChosen, onOpen }: RowProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: j and k choose a row, wherever the focus is
    <div
      id={event.id}
      class="row"
      role="option"
      tabIndex={-1}
      aria-selected={isChosen}
      aria-posinset={position}
      aria-setsize={total}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(event.id)}
    >
      <span class="when">
        <Time at={event.receivedAt} />
      </span>
      <span class="what">
        <span class="command">{event.command}</span>
        <span class="about">
          {event.from ?? ""}
          {event.conversation && <span class="soft"> {event.conversation}</span>}
        </span>
      </span>
      <span class="how">
        {event.verdict && <VerdictChip verdict={event.verdict} />}
        <State state={event.state} />
      </span>
    </div>
  );
}

/** Keeps the rows in their place when others are added above them. */
function useAnchor(box: { current: HTMLElement | null }, events: readonly Event[]): void {
  const before = useRef(events);
  useLayoutEffect(() => {
    const element = box.current!;
    const anchor = before.current[Math.floor(element.scrollTop / rowHeight)];
    if (element.scrollTop > 0 && anchor && events !== before.current) {
      const was = before.current.indexOf(anchor);
      const is = events.findIndex(({ id }) => id === anchor.id);
      if (is > was) element.scrollTop += (is - was) * rowHeight;
    }
    before.current = events;
  }, [box, events]);
}
