/** All destinations, or the one that the address names. */
import { useEffect } from "preact/hooks";
import { useAnswer } from "../answer.ts";
import { isTyping } from "../frame/keys.tsx";
import { Answered } from "../parts/panel.tsx";
import { go, linkTo, place } from "../route.ts";
import { DestinationList } from "./destination-list.tsx";
import { DestinationPage } from "./destination-page.tsx";
import { Jobs, useJobs } from "./jobs.tsx";
import { text } from "./text.ts";
import "./destinations.css";

const lookEveryMs = 3_000;

export function Destinations() {
  const { item } = place.value;
  const answer = useAnswer((relay, signal) => relay.get("/api/destinations", { signal }), {
    every: lookEveryMs,
  });
  const jobs = useJobs();
  useKeys(answer.value?.map(({ name }) => name) ?? [], item);
  if (item !== null)
    return (
      <Answered answer={answer}>
        {(all) => (
          <DestinationPage
            key={item}
            name={item}
            destination={all.find(({ name }) => name === item) ?? null}
            jobs={jobs}
            onChange={answer.again}
          />
        )}
      </Answered>
    );
  return (
    <div class="view destinations">
      <header>
        <h1>{text.value.title}</h1>
      </header>
      <section class="panel" aria-label={text.value.title}>
        <Answered answer={answer}>{(all) => <DestinationList destinations={all} />}</Answered>
      </section>
      <Jobs answer={jobs} destination={null} destinations={answer.value ?? []} />
    </div>
  );
}

/** `j` and `k` open the next and the previous destination, Escape leads back to all. */
function useKeys(names: readonly string[], item: string | null): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      const { query } = place.value;
      if (event.key === "Escape" && item !== null) return go(linkTo("destinations", null, query));
      const step = { j: 1, k: -1 }[event.key];
      const next = step && names[item === null ? 0 : names.indexOf(item) + step];
      if (!next) return;
      go(linkTo("destinations", next, query), { replaces: item !== null });
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
}
