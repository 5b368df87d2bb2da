/** The dead letters of a destination, a page at a time. Chosen ones, or all, are sent again. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { DeadLetter, Destination } from "../../client/index.js";
import { useAnswer } from "../answer.ts";
import { count } from "../figures.ts";
import { tellDone } from "../gaps.ts";
import { Button } from "../parts/button.tsx";
import { Confirm } from "../parts/dialog.tsx";
import { Answered, Empty, Panel } from "../parts/panel.tsx";
import { Time } from "../parts/time.tsx";
import { linkTo } from "../route.ts";
import { mayAct, relay } from "../session.ts";
import { told } from "../told/told.ts";
import { text } from "./text.ts";

const lookEveryMs = 10_000;
const pageSize = 20;

export function DeadLetters({ destination, onChange }: { destination: Destination; onChange(): void }) {
  const { name, dead, state, url } = destination;
  const cursor = useSignal<string | null>(null);
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const asks = useSignal(false);
  const answer = useAnswer(
    (gateway, signal) => {
      const query = { destination: name, limit: pageSize, ...(cursor.value && { cursor: cursor.value }) };
      return gateway.get("/api/dead-letters", { query, signal });
    },
    { every: lookEveryMs, for: [name, cursor.value] },
  );
  useEffect(answer.again, [dead]);
  const turn = (to: string | null) => {
    cursor.value = to;
    chosen.value = new Set();
  };
  const send = async (ids: readonly string[] | null) => {
    const body = { destinations: [name], ...(ids && { ids: [...ids] }) };
    const done = await relay().post("/api/dead-letters/replay", { body });
    tellDone(text.value.queued(count(done.queued)), done);
    turn(null);
    onChange();
    answer.again();
  };
  const { letters, noLetters, replayChosen, replayAll, older, newest } = text.value;
  const maySend = mayAct.value && url !== null && state !== "disabled" && dead > 0;
  const ids = [...chosen.value];
  return (
    <Panel
      title={letters}
      aside={
        maySend && (
          <div class="actions">
            {ids.length > 0 && (
              <Button icon="again" kind="main" onPress={() => send(ids)}>
                {replayChosen(ids.length)}
              </Button>
            )}
            <Button icon="again" onPress={() => (asks.value = true)}>
              {replayAll}
            </Button>
          </div>
        )
      }
    >
      <Answered answer={answer}>
        {({ deadLetters, cursor: next }) => (
          <>
            {deadLetters.length === 0 ? (
              <Empty>{noLetters}</Empty>
            ) : (
              <Letters letters={deadLetters} chosen={maySend ? chosen.value : null} onChoose={choose} />
            )}
            {(next !== null || cursor.value !== null) && (
              <p class="actions pages">
                <Button disabled={cursor.value === null} onPress={() => turn(null)}>
                  {newest}
                </Button>
                <Button disabled={next === null} onPress={() => turn(next)}>
                  {older}
                </Button>
              </p>
            )}
          </>
        )}
      </Answered>
      {asks.value && (
        <All name={name} dead={dead} onConfirm={() => send(null)} onClose={() => (asks.value = false)} />
      )}
    </Panel>
  );

  function choose(ids: readonly string[], isChosen: boolean): void {
    const others = [...chosen.value].filter((id) => !ids.includes(id));
    chosen.value = new Set(isChosen ? [...others, ...ids] : others);
  }
}

interface LettersProps {
  letters: readonly DeadLetter[];
  /** Null: none can be chosen. */
  chosen: ReadonlySet<string> | null;
  onChoose(ids: readonly string[], isChosen: boolean): void;
}

function Letters({ letters, chosen, onChoose }: LettersProps) {
  const { event, attempts, givenUp, error, choose, chooseAll } = text.value;
  const ids = letters.map((letter) => letter.event);
  return (
    <div class="scrolls">
      <table class="cards">
        <thead>
          <tr>
            {chosen && (
              <th scope="col">
                <Box
                  label={chooseAll}
                  on={ids.every((id) => chosen.has(id))}
                  onFlip={(on) => onChoose(ids, on)}
                />
              </th>
            )}
            <th scope="col">{event}</th>
            <th scope="col">{givenUp}</th>
            <th scope="col" class="number">
              {attempts}
            </th>
            <th scope="col">{error}</th>
          </tr>
        </thead>
        <tbody>
          {letters.map((letter) => (
            <tr key={letter.event}>
              {chosen && (
                <td class="box">
                  <Box
                    label={choose(letter.event)}
                    on={chosen.has(letter.event)}
                    onFlip={(on) => onChoose([letter.event], on)}
                  />
                </td>
              )}
              <td>
                <a class="code" href={linkTo("events", letter.event)}>
                  {letter.event}
                </a>
              </td>
              <td data-name={givenUp}>
                <Time at={letter.at} />
              </td>
              <td class="number" data-name={attempts}>
                {letter.attempts}
              </td>
              <td class="wraps">{letter.error && told.value(letter.error)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Box({ label, on, onFlip }: { label: string; on: boolean; onFlip(on: boolean): void }) {
  return (
    <input
      type="checkbox"
      aria-label={label}
      checked={on}
      onChange={({ currentTarget }) => onFlip(currentTarget.checked)}
    />
  );
}

interface AllProps {
  name: string;
  dead: number;
  onConfirm(): unknown;
  onClose(): void;
}

function All({ name, dead, onConfirm, onClose }: AllProps) {
  const { replayAll, replayAllTitle, replayAllHint, lettersOf } = text.value;
  return (
    <Confirm title={replayAllTitle(name)} action={replayAll} onConfirm={onConfirm} onClose={onClose}>
      <p>{replayAllHint(lettersOf(count(dead)))}</p>
    </Confirm>
  );
}
