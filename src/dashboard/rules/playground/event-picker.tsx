/** One of the last events, or the example of a command, as the event on which rules are tried. */
import { useEffect } from "preact/hooks";
import type { Client } from "../../../client/index.js";
import { useAnswer } from "../../answer.ts";
import { failureOf } from "../../failure.ts";
import { clock } from "../../figures.ts";
import { laidOut } from "../../json-editor/layout.ts";
import { marks } from "../../marks.ts";
import { tell } from "../../parts/message.tsx";
import { place } from "../../route.ts";
import { session } from "../../session.ts";
import { eventText } from "./draft.ts";
import { text } from "./text.ts";

const listed = 50;

interface Props {
  commands: readonly { command: string; family: string; example: object }[];
}

export function EventPicker({ commands }: Props) {
  const last = useAnswer((relay, signal) => relay.get("/api/events", { query: { limit: listed }, signal }));
  const families = Map.groupBy(commands, ({ family }) => family);
  const { pick, pickFirst, last: lastOnes, examples } = text.value;
  const given = place.value.query.event;
  useEffect(() => {
    if (given) take(given);
  }, [given]);
  const choose = (value: string) => {
    const example = commands.find(({ command }) => command === value);
    if (example) eventText.value = laidOut({ command: value, body: example.example });
    else take(value);
  };
  return (
    <label class="picker">
      <span class="small soft">{pick}</span>
      <select value="" onChange={({ currentTarget }) => choose(currentTarget.value)}>
        <option value="">{pickFirst}</option>
        {(last.value?.events ?? []).length > 0 && (
          <optgroup label={lastOnes}>
            {last.value!.events.map(({ id, command, receivedAt, conversation }) => (
              <option key={id} value={id}>
                {`${clock(new Date(receivedAt))} ${command} ${conversation ?? ""}`}
              </option>
            ))}
          </optgroup>
        )}
        {[...families].map(([family, members]) => (
          <optgroup key={family} label={`${examples}${marks.value.colon}${family}`}>
            {members.map(({ command }) => (
              <option key={command} value={command}>
                {command}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

/** An event's id, as somebody pastes it. */
export const idPattern = /^evt_[0-9a-z]{24}$/;

export async function take(id: string): Promise<void> {
  const current = session.peek();
  if (current.state !== "signed in" || id === "") return;
  try {
    eventText.value = await eventOf(current.relay, id);
  } catch (error) {
    tell("bad", failureOf(error).message);
  }
}

/** The parts of an event that rules see. */
async function eventOf(relay: Client, id: string): Promise<string> {
  const event = await relay.get("/api/events/{id}", { path: { id } });
  const { command, phase, app, clientIp, platform, receivedAt, body } = event;
  return laidOut({ id, command, phase, app, clientIp, platform, receivedAt, body });
}
