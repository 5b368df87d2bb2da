/** A line for each destination, with all attempts and the destination's answers. */
import type { EventDetail } from "../../client/index.js";
import { duration } from "../figures.ts";
import { marks } from "../marks.ts";
import { now } from "../now.ts";
import { Button } from "../parts/button.tsx";
import { tell } from "../parts/message.tsx";
import { Quote } from "../parts/quote.tsx";
import { State } from "../parts/state.tsx";
import { Ago, Time } from "../parts/time.tsx";
import { linkTo } from "../route.ts";
import { mayAct, relay } from "../session.ts";
import { told } from "../told/told.ts";
import { text } from "./text.ts";

type Delivery = EventDetail["deliveries"][number];

interface Props {
  /** Of the event. */
  id: string;
  deliveries: readonly Delivery[];
  onChange(): void;
}

export function Deliveries({ id, deliveries, onChange }: Props) {
  const again = async (destination: string) => {
    const body = { destinations: [destination] };
    const { queued } = await relay().post("/api/events/{id}/replay", { path: { id }, body });
    tell("ok", text.value.replayed(queued));
    onChange();
  };
  if (deliveries.length === 0) return <p class="soft">{text.value.noDeliveries}</p>;
  return (
    <ul class="deliveries">
      {deliveries.map((delivery) => (
        <li key={delivery.destination}>
          <Line delivery={delivery} again={again} />
        </li>
      ))}
    </ul>
  );
}

function Line({ delivery, again }: { delivery: Delivery; again(destination: string): Promise<void> }) {
  const { next, due, waitsFor, tried, replay } = text.value;
  const { destination, state, attempts, nextAt, reason, waitsFor: head } = delivery;
  return (
    <>
      <p>
        <State state={state} /> <a href={linkTo("destinations", destination)}>{destination}</a>
        {nextAt && (
          <span class="soft">
            {" "}
            {Date.parse(nextAt) <= now.value ? (
              due
            ) : (
              <>
                {next} <Ago at={nextAt} />
              </>
            )}
          </span>
        )}
        {mayAct.value && state === "dead" && (
          <>
            {" "}
            <Button icon="again" onPress={() => again(destination)}>
              {replay}
            </Button>
          </>
        )}
      </p>
      {reason && <p class="soft wraps">{told.value(reason)}</p>}
      {head && (
        <p class="soft">
          {waitsFor} <a href={linkTo("events", head)}>{head}</a>
        </p>
      )}
      {attempts.length > 0 && (
        <details open={state !== "delivered"}>
          <summary class="soft small">{tried(attempts.length)}</summary>
          <ol>
            {attempts.map((attempt, index) => (
              <Attempt key={attempt.at} attempt={attempt} number={attempt.number ?? index + 1} />
            ))}
          </ol>
        </details>
      )}
    </>
  );
}

function Attempt({ attempt, number }: { attempt: Delivery["attempts"][number]; number: number }) {
  const { attempt: name, response } = text.value;
  const isGood = attempt.error === null && attempt.status !== null && attempt.status < 300;
  return (
    <li>
      <p>
        {name(number)}{" "}
        <strong class="status" data-tone={isGood ? "ok" : "bad"}>
          {attempt.status ?? "–"}
        </strong>{" "}
        <span class="soft">
          {duration(attempt.ms)}
          {marks.value.comma}
          <Time at={attempt.at} />
        </span>
      </p>
      {attempt.error && <p class="wraps">{told.value(attempt.error)}</p>}
      {attempt.response && (
        <details>
          <summary class="soft small">{response}</summary>
          <Quote>{attempt.response}</Quote>
        </details>
      )}
    </li>
  );
}
