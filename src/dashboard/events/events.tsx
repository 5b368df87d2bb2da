/** The events of a filter, live, and the chosen one beside them. */
import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { isTyping } from "../frame/keys.tsx";
import { Button } from "../parts/button.tsx";
import { Failing, Loading, Unanswered } from "../parts/panel.tsx";
import { go, linkTo, place } from "../route.ts";
import { session } from "../session.ts";
import { isSilence, useSilence } from "../silence.ts";
import { EventPane } from "./event-pane.tsx";
import { Feed } from "./feed.ts";
import { readFilter } from "./filter.ts";
import { FilterBar } from "./filter-bar.tsx";
import { EventList } from "./list.tsx";
import { text } from "./text.ts";
import "./events.css";

export function Events() {
  const { item, query } = place.value;
  const typed = query.filter ?? "";
  const current = session.value;
  const relay = current.state === "signed in" ? current.relay : null;
  const turn = useSignal(0);
  const feed = useMemo(() => (relay ? new Feed(relay, readFilter(typed)) : null), [relay, typed, turn.value]);

  useEffect(() => {
    feed?.start();
    return () => feed?.stop();
  }, [feed]);

  const open = (id: string | null) =>
    go(linkTo("events", id, query), { replaces: item !== null && id !== null });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !isTyping(event) && item !== null) return open(null);
      const step = { j: 1, k: -1 }[event.key];
      if (!step || isTyping(event) || !feed) return;
      const events = feed.events.value;
      const at = events.findIndex(({ id }) => id === item);
      const next = at === -1 ? events[0] : events[at + step];
      if (next) open(next.id);
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });

  if (!feed) return null;
  return (
    <div class={item === null ? "events" : "events with-pane"}>
      <section aria-label={text.value.title} class="events-list">
        <header>
          <h1>{text.value.title}</h1>
          <Feeding feed={feed} />
        </header>
        <FilterBar typed={typed} onSearch={(filter) => go(linkTo("events", null, { filter }))} />
        <Content
          feed={feed}
          chosen={item}
          onOpen={open}
          onAgain={() => turn.value++}
          isFiltered={typed !== ""}
        />
      </section>
      {item !== null && <EventPane key={item} id={item} feed={feed} onClose={() => open(null)} />}
    </div>
  );
}

interface ContentProps {
  feed: Feed;
  chosen: string | null;
  isFiltered: boolean;
  onOpen(id: string): void;
  onAgain(): void;
}

function Content({ feed, chosen, isFiltered, onOpen, onAgain }: ContentProps) {
  const { empty, emptyFiltered, firstSteps, clear } = text.value;
  const failure = feed.failure.value;
  const events = feed.events.value;
  useSilence(failure, onAgain);
  if (feed.state.value === "loading" && failure === null) return <Loading />;
  return (
    <>
      {isSilence(failure) ? (
        <Unanswered isOld={events.length > 0} />
      ) : (
        failure && <Failing sentence={failure.message} onAgain={onAgain} />
      )}
      {events.length > 0 && <EventList feed={feed} chosen={chosen} onOpen={onOpen} />}
      {events.length === 0 && failure === null && (
        <div class="empty">
          <p>{isFiltered ? emptyFiltered : empty}</p>
          {isFiltered ? (
            <Button onPress={() => go(linkTo("events"))}>{clear}</Button>
          ) : (
            <a href={linkTo("start")}>{firstSteps}</a>
          )}
        </div>
      )}
    </>
  );
}

/** Whether the list is live. */
function Feeding({ feed }: { feed: Feed }) {
  const state = feed.state.value;
  return (
    <p class="feeding" data-state={state} role="status">
      {text.value.feeding[state]}
    </p>
  );
}
