/** Rules are edited, tried on an event and on the last ones, and copied. The gateway goes on with its own. */
import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { ApiError } from "../../../client/index.js";
import { useAnswer } from "../../answer.ts";
import { sendable } from "../../exact-json.ts";
import { type Help, JsonEditor, type Mark } from "../../json-editor/json-editor.tsx";
import { laidOut } from "../../json-editor/layout.ts";
import { type Span, spanAt } from "../../json-editor/place.ts";
import type { Schema } from "../../json-editor/schema.ts";
import { text as editorText, sentenceOf } from "../../json-editor/text.ts";
import { useLater } from "../../later.ts";
import { Button } from "../../parts/button.tsx";
import { Failing, Loading, Panel, Unanswered } from "../../parts/panel.tsx";
import { place } from "../../route.ts";
import { isSilence } from "../../silence.ts";
import { Changes } from "./changes.tsx";
import { eventText, rulesText } from "./draft.ts";
import { EventPicker, idPattern, take } from "./event-picker.tsx";
import { Fits } from "./fits.tsx";
import { suggestionsFrom } from "./suggestions.ts";
import { TakeAway } from "./take-away.tsx";
import { text } from "./text.ts";
import { readWritten, type Written } from "./written.ts";
import "./playground.css";
import { told } from "../../told/told.ts";

/** How long the typing rests before rules are tried, and before they are tried on thousands of events. Milliseconds. */
const restMs = 250;
const longRestMs = 800;
const lastEvents = 5_000;

/** Where there are no rules yet. */
const firstRule = [{ name: "audit", url: "https://backend.example.com/tim" }];

export function Playground() {
  const running = useAnswer((relay, signal) => relay.get("/api/rules", { signal }));
  const known = useAnswer(async (relay, signal) => {
    const [schema, { commands }] = await Promise.all([
      relay.get("/api/rules/schema", { signal }),
      relay.get("/api/commands", { signal }),
    ]);
    return { schema: schema as Schema, commands };
  });
  const runningText = useMemo(() => {
    const rules = (running.value ?? []).flatMap(({ rule }) => rule ?? []);
    return laidOut(rules.length === 0 ? firstRule : rules);
  }, [running.value]);
  useEffect(() => {
    if (running.value) rulesText.value ??= runningText;
  }, [running.value, runningText]);

  const failing = [running, known].find(({ failure, value }) => failure && value === null);
  if (failing?.failure)
    return isSilence(failing.failure) ? (
      <Unanswered isOld={false} />
    ) : (
      <Failing sentence={failing.failure.message} onAgain={failing.again} />
    );
  if (rulesText.value === null || known.value === null) return <Loading />;
  return <Bench {...known.value} runningText={runningText} />;
}

interface BenchProps {
  schema: Schema;
  commands: readonly { command: string; summary: string; family: string; example: object }[];
  runningText: string;
}

function Bench({ schema, commands, runningText }: BenchProps) {
  const rules = useMemo(() => readWritten(rulesText.value ?? "", schema), [rulesText.value, schema]);
  const event = useMemo(() => readWritten(eventText.value), [eventText.value]);
  const list = Array.isArray(rules.value) ? rules.value : null;
  const isEvent = typeof event.value === "object" && event.value !== null && !Array.isArray(event.value);
  const shown = useSignal<Span | null>(null);

  const fits = useLater(
    list && isEvent ? JSON.stringify([rules.text, event.text]) : null,
    restMs,
    async (relay, signal) => {
      const body = { rules: sendable(list) as never, event: sendable(event.value) as never };
      const answer = await relay.post("/api/rules/test", { body, signal });
      return { rules: list!, results: "events" in answer ? [] : answer.results };
    },
  );
  const changes = useLater(list && rules.text, longRestMs, async (relay, signal) => {
    const body = { rules: sendable(list) as never, last: lastEvents };
    const answer = await relay.post("/api/rules/test", { body, signal });
    return "events" in answer ? answer : null;
  });
  const failures = [fits, changes].flatMap(({ failure, isOld }) => (failure && !isOld ? failure : []));

  const tell = told.value;
  const help: Help = useMemo(() => {
    const described = commands.map((command) => ({ ...command, summary: tell(command.summary) }));
    return { schema, suggestions: suggestionsFrom(described, event.value) };
  }, [schema, commands, event.value, tell]);
  const show = (name: string) => {
    const index = (list ?? []).findIndex((rule) => (rule as { name?: unknown } | null)?.name === name);
    if (index !== -1) shown.value = spanAt(rules.text, rules.root, "rules", `rules[${index}].name`);
  };
  const { item } = place.value;
  useEffect(() => {
    if (item !== null) show(item);
  }, [item]);

  const { hint, rules: title, rulesLabel, restart, masked, event: eventTitle, eventLabel } = text.value;
  const { noEvent, notAnObject, notAList } = text.value;
  return (
    <div class="playground">
      <p class="soft hint">{hint}</p>
      <Elsewhere failures={failures} />
      <div class="column">
        <Panel
          title={title}
          aside={
            rules.text !== runningText && (
              <Button icon="again" onPress={() => (rulesText.value = runningText)}>
                {restart}
              </Button>
            )
          }
        >
          <JsonEditor
            label={rulesLabel}
            value={rules.text}
            onInput={(value) => (rulesText.value = value)}
            marks={marksOf(rules, "rules", failures, list === null ? notAList : null)}
            help={help}
            shown={shown.value}
          />
          {rules.text.includes('"***"') && (
            <p class="warning" data-tone="warn">
              {masked}
            </p>
          )}
          <TakeAway rules={list} />
        </Panel>
        <Changes changes={changes} rules={list} isBroken={list === null || failures.length > 0} />
      </div>
      <div class="column">
        <Panel title={eventTitle}>
          <EventPicker commands={commands} />
          <JsonEditor
            label={eventLabel}
            value={event.text}
            onInput={(value) => {
              eventText.value = value;
              if (idPattern.test(value.trim())) take(value.trim());
            }}
            marks={
              event.text.trim() === "" ? [] : marksOf(event, "event", failures, isEvent ? null : notAnObject)
            }
          />
          {event.text.trim() === "" && <p class="soft hint inset">{noEvent}</p>}
        </Panel>
        <Fits
          fits={fits}
          isAsked={isEvent}
          isBroken={list === null || (fits.failure !== null && !fits.isOld)}
          onShow={show}
        />
      </div>
    </div>
  );
}

/** The gateway's mistake at its place, and others that the page sees itself, unless both are about the same place. */
function marksOf(
  { text, root, mistakes, value }: Written,
  name: string,
  failures: readonly ApiError[],
  otherwise: string | null,
): Mark[] {
  const refusal = failures.find(({ path }) => path !== undefined && spanAt(text, root, name, path));
  const told = refusal && { ...spanAt(text, root, name, refusal.path!)!, sentence: refusal.message };
  const seen = mistakes
    .filter(({ from, to }) => from !== told?.from || to !== told.to)
    .map((mistake) => ({ from: mistake.from, to: mistake.to, sentence: sentenceOf(mistake) }));
  const marks = told ? [told, ...seen] : seen;
  const isUnread = marks.length === 0 && otherwise !== null;
  return isUnread
    ? [{ from: 0, to: text.length, sentence: value === undefined ? editorText.value.noJson : otherwise }]
    : marks;
}

/** A failure that is about neither text. */
function Elsewhere({ failures }: { failures: readonly ApiError[] }) {
  const sentences = new Set(failures.flatMap(({ path, message }) => (path === undefined ? message : [])));
  return [...sentences].map((sentence) => (
    <p key={sentence} class="warning" role="alert" data-tone="bad">
      {sentence}
    </p>
  ));
}
