/** Leads to the first steps where nothing has ever come. It is asked for only while the counts are all 0. */
import { useAnswer } from "../answer.ts";
import { linkTo } from "../route.ts";
import { text } from "./text.ts";

const lookEveryMs = 3_000;

export function FirstSteps() {
  const { value } = useAnswer((relay, signal) => relay.get("/api/events", { query: { limit: 1 }, signal }), {
    every: lookEveryMs,
  });
  if (value === null || value.events.length > 0) return null;
  const { nothing, nothingMore, firstSteps } = text.value;
  return (
    <section class="panel first-steps">
      <div>
        <h2>{nothing}</h2>
        <p class="soft">{nothingMore}</p>
      </div>
      <a class="button main" href={linkTo("start")}>
        {firstSteps}
      </a>
    </section>
  );
}
