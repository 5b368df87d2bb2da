/** One event beside the list: the body with its mistakes marked, the verdict, and every attempt of every delivery. */
import { useSignal } from "@preact/signals";
import type { EventDetail } from "../../client/index.js";
import { useAnswer } from "../answer.ts";
import { exactText } from "../exact-json.ts";
import { bytes, duration } from "../figures.ts";
import { marks } from "../marks.ts";
import { Button } from "../parts/button.tsx";
import { Copy } from "../parts/copy.tsx";
import { Confirm } from "../parts/dialog.tsx";
import { Json } from "../parts/json.tsx";
import { tell } from "../parts/message.tsx";
import { Answered } from "../parts/panel.tsx";
import { Chip, State } from "../parts/state.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { Time } from "../parts/time.tsx";
import { go, linkTo, place } from "../route.ts";
import { mayAct, relay, seesBodies } from "../session.ts";
import { useSetup } from "../setup.ts";
import { sourceName } from "../verdicts/sources.tsx";
import { Conversation } from "./chat/conversation.tsx";
import { curlOf } from "./curl.ts";
import { Deliveries } from "./deliveries.tsx";
import { deviationsOf } from "./deviations.ts";
import type { Feed } from "./feed.ts";
import { text } from "./text.ts";
import { VerdictChip } from "./verdict-chip.tsx";
import "./event-pane.css";
import { told } from "../told/told.ts";

type Tab = "event" | "chat";

export function EventPane({ id, feed, onClose }: { id: string; feed: Feed; onClose(): void }) {
  const { query } = place.value;
  const tab: Tab = query.tab === "chat" ? "chat" : "event";
  const listed = feed.events.value.find((event) => event.id === id);
  const answer = useAnswer((relay, signal) => relay.get("/api/events/{id}", { path: { id }, signal }), {
    // A delivery that goes on has news.
    for: [id, JSON.stringify(listed?.destinations)],
  });
  const { event, chat, close } = text.value;
  return (
    <aside class="event-pane" aria-label={event}>
      <header>
        <Tabs
          label={event}
          tabs={[
            ["event", event],
            ["chat", chat],
          ]}
          chosen={tab}
          onChoose={(name) =>
            go(linkTo("events", id, { ...query, tab: name === "event" ? "" : name }), { replaces: true })
          }
        />
        <Button icon="close" title={close} onPress={onClose} />
      </header>
      <Answered answer={answer}>
        {(detail) =>
          tab === "chat" ? (
            <Conversation event={detail} />
          ) : (
            <Detail detail={detail} onChange={answer.again} />
          )
        }
      </Answered>
    </aside>
  );
}

function Detail({ detail, onChange }: { detail: EventDetail; onChange(): void }) {
  const { body, hidden, query, deliveries, verdict, unknown, invalid, before, after } = text.value;
  const drift = useAnswer((relay, signal) => relay.get("/api/drift", { signal }));
  const own = (drift.value?.drift ?? []).filter(({ command }) => command === detail.command);
  const notes = [
    ...detail.issues.map(({ path, message }) => ({
      path,
      tone: "odd" as const,
      sentence: told.value(message),
    })),
    ...deviationsOf(detail.body, own).map(({ path, kind }) => ({
      path,
      tone: "warn" as const,
      sentence: text.value.deviations[kind],
    })),
  ];
  return (
    <div class="detail">
      <div class="head">
        <h2 class="wraps">{detail.command}</h2>
        <p class="chips">
          <State state={detail.state} />
          <Chip tone="off">{detail.phase === "before" ? before : after}</Chip>
          {!detail.known && <Chip tone="warn">{unknown}</Chip>}
          {!detail.valid && <Chip tone="odd">{invalid}</Chip>}
        </p>
        <Facts detail={detail} />
        <Actions detail={detail} onChange={onChange} />
      </div>
      {detail.verdict && (
        <section>
          <h3>{verdict}</h3>
          <Verdict verdict={detail.verdict} />
        </section>
      )}
      <section>
        <h3>{deliveries}</h3>
        <Deliveries id={detail.id} deliveries={detail.deliveries} onChange={onChange} />
      </section>
      <section>
        <h3>{body}</h3>
        <Unplaced detail={detail} />
        {detail.body === undefined ? (
          <p class="soft">{hidden}</p>
        ) : (
          <Json value={detail.body} notes={notes} />
        )}
      </section>
      {detail.query && (
        <section>
          <h3>{query}</h3>
          <Json value={detail.query} />
        </section>
      )}
    </div>
  );
}

function Facts({ detail }: { detail: EventDetail }) {
  const { time, app, conversation, address, platform, size, id } = text.value;
  const facts: (readonly [string, preact.ComponentChildren])[] = [
    [time, <Time key="at" at={detail.receivedAt} />],
    [conversation, detail.conversation],
    [app, detail.app],
    [address, detail.clientIp],
    [platform, detail.platform],
    [size, bytes(detail.size)],
    [
      id,
      <span key="id" class="code">
        {detail.id}
      </span>,
    ],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) =>
        value === null ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="wraps">{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

function Actions({ detail, onChange }: { detail: EventDetail; onChange(): void }) {
  const { replay, replayAll, replayed, skip, skipTitle, skipHint, skipped } = text.value;
  const { asCurl, asTest, tryRules, link } = text.value;
  const asksToGiveUp = useSignal(false);
  const { id } = detail;
  const setup = useSetup();
  // The path is a secret of the administrator.
  const callbackUrl = location.origin + (setup.value?.callbackPath ?? "/");
  const send = async () => {
    const { queued } = await relay().post("/api/events/{id}/replay", { path: { id } });
    tell("ok", replayed(queued));
    onChange();
  };
  const giveUp = async () => {
    const { skipped: n } = await relay().post("/api/events/{id}/skip", { path: { id } });
    tell("ok", skipped(n));
    onChange();
  };
  const waiting = detail.deliveries.filter(({ state }) => state === "retrying" || state === "pending");
  return (
    <p class="actions">
      {mayAct.value && detail.deliveries.length > 0 && (
        <Button icon="again" kind="main" onPress={send}>
          {detail.deliveries.length > 1 ? replayAll : replay}
        </Button>
      )}
      {mayAct.value && waiting.length > 0 && (
        <Button onPress={() => (asksToGiveUp.value = true)}>{skip}</Button>
      )}
      {asksToGiveUp.value && (
        <Confirm
          title={skipTitle}
          action={skip}
          grave
          onConfirm={giveUp}
          onClose={() => (asksToGiveUp.value = false)}
        >
          <p>{skipHint(waiting.map(({ destination }) => destination).join(marks.value.item))}</p>
        </Confirm>
      )}
      {seesBodies.value && <Copy content={() => curlOf(detail, callbackUrl)}>{asCurl}</Copy>}
      {seesBodies.value && <Copy content={() => exactText(trialOf(detail))}>{asTest}</Copy>}
      {mayAct.value && (
        <a class="button" href={linkTo("rules", null, { open: "playground", event: id })}>
          {tryRules}
        </a>
      )}
      <Copy icon="link" content={() => location.href}>
        {link}
      </Copy>
    </p>
  );
}

/** An event as trials of rules take it. */
function trialOf({ command, phase, app, clientIp, platform, receivedAt, body }: EventDetail) {
  return { command, phase, app, clientIp, platform, receivedAt, body };
}

function Verdict({ verdict }: { verdict: NonNullable<EventDetail["verdict"]> }) {
  const { decided, nobody, shadows } = text.value;
  const { comma, colon, item } = marks.value;
  return (
    <div class="verdict">
      <p>
        <VerdictChip verdict={verdict} /> {decided} <strong>{verdict.rule ?? nobody}</strong>
        {comma}
        {sourceName(verdict.how)}
        {comma}
        {duration(verdict.ms)}
      </p>
      {verdict.reason && <p class="soft wraps">{told.value(verdict.reason)}</p>}
      {verdict.shadows.length > 0 && (
        <p class="soft">
          {shadows}
          {colon}
          {verdict.shadows.map(({ rule, code }) => `${rule} ${code ?? "–"}`).join(item)}
        </p>
      )}
    </div>
  );
}

/** Mistakes whose place is not in the body: a field that is missing. */
function Unplaced({ detail }: { detail: EventDetail }) {
  const missing = detail.issues.filter(({ path }) => !hasPath(detail.body, path));
  if (missing.length === 0) return null;
  return (
    <ul class="missing" data-tone="odd">
      {missing.map(({ path, message }) => (
        <li key={path}>
          <code>{path}</code> {told.value(message)}
        </li>
      ))}
    </ul>
  );
}

function hasPath(body: unknown, path: string): boolean {
  let value: unknown = body;
  for (const part of path.split(/[.[\]]+/).filter(Boolean)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return false;
    value = (value as Record<string, unknown>)[part];
  }
  return true;
}
