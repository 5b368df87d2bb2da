/** Rules as sentences. */

import { both, inTurn, listed, type Sentence, say } from "../sentence.ts";
import type { Address } from "./address.ts";
import { formatDuration } from "./duration.ts";
import type { AnswerRule, AskRule, ForwardRule, Rule, Selection } from "./rule.ts";
import { KvList } from "./words/kv-list.ts";
import { oneOf } from "./words/word-list.ts";

/** A sentence on what a rule does: `forwards Group.CallbackAfterRecallMsg whose body.Type is "Community" to feed.example.com`. */
export function describe(rule: Rule): Sentence {
  const action = actionOf(rule);
  return rule.enabled ? action : say`${action} (not enabled: events pass by)`;
}

function actionOf(rule: Rule): Sentence {
  switch (rule.kind) {
    case "forward":
      return listed([say`forwards ${selectionOf(rule)} to ${placeOf(rule.address)}`, ...optionsOf(rule)]);
    case "ask":
      return inTurn([
        say`asks ${named(rule.asks.map(placeOf))} about ${decidedBy(rule)}`,
        ...verdictOf(rule),
      ]);
    case "answer": {
      return listed([
        say`answers ${decidedBy(rule)} with ${JSON.stringify(rule.answer)}`,
        ...maskingOf(rule),
      ]);
    }
  }
}

function selectionOf({ on, match, words }: Selection): Sentence {
  const commands = on === null ? say`every event` : named(on);
  const demand = match?.sentence;
  if (words === null) return demand === undefined ? commands : say`${commands} whose ${demand}`;
  return demand === undefined
    ? say`${commands} whose text holds ${oneOf(words)}`
    : say`${commands} whose ${demand} and whose text holds ${oneOf(words)}`;
}

function maskingOf({ replace }: AnswerRule): Sentence[] {
  if (replace instanceof KvList) return [say`masking the words of ${replace.written} in texts`];
  const words = replace.length;
  if (words === 0) return [];
  return [words === 1 ? say`masking 1 word in texts` : say`masking ${words} words in texts`];
}

function decidedBy(rule: AskRule | AnswerRule): Sentence {
  const { limit } = rule;
  if (limit === null) return selectionOf(rule);
  return say`${selectionOf(rule)} beyond ${limit.count} of a ${limit.by} within ${limit.seconds} s`;
}

function optionsOf({
  order,
  format,
  batch,
  ratePerSecond,
  retryMs,
  secrets,
  ...more
}: ForwardRule): Sentence[] {
  const formats = { event: [], raw: [say`as Tencent sent it`], cloudevents: [say`as CloudEvents`] };
  return [
    ...(more.sample < 1 ? [say`${Number((100 * more.sample).toPrecision(6))} % of these`] : []),
    ...(order === "conversation" ? [say`in order per conversation`] : []),
    ...formats[format],
    ...(more.template ? [say`filled into a template`] : []),
    ...(more.succeeds ? [say`taken only if ${more.succeeds.sentence}`] : []),
    ...(batch ? [say`up to ${batch.size} in one request`] : []),
    ...(ratePerSecond === null ? [] : [say`at most ${ratePerSecond} a second`]),
    ...(retryMs.length === 0 ? [say`without a second attempt`] : []),
    ...(secrets.length === 0 ? [say`unsigned`] : []),
  ];
}

function verdictOf({ deadlineMs, otherwise, asks, shadow }: AskRule): Sentence[] {
  if (shadow) return [say`records the verdict, and never uses it`];
  const time = formatDuration(deadlineMs);
  const late =
    otherwise === "allow"
      ? say`allows if no answer comes within ${time}`
      : otherwise === "refuse"
        ? say`refuses if no answer comes within ${time}`
        : say`answers ${JSON.stringify(otherwise)} if no answer comes within ${time}`;
  return asks.length > 1 ? [say`the first refusal wins`, late] : [late];
}

/**
 * An address without the values of its query, its fragment, and a name and password before its host: each may be a key.
 * A value that is a secret by its name alone, `$KEY`, stays.
 * @param written as the rule has it
 */
export function withoutKeys(written: string): string {
  const [, before = "", query, fragment] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(written)!;
  const address = before.replace(/^([^/]*\/\/)[^/]*@/, "$1***@");
  const shown = query?.split("&").map((part) => {
    const [, name, value] = /^([^=]*)=(.*)$/s.exec(part) ?? [];
    if (name === undefined) return part === "" ? "" : "***";
    return /^(?:\$[A-Za-z_]\w*)?$/.test(value!) ? part : `${name}=***`;
  });
  return `${address}${shown ? `?${shown.join("&")}` : ""}${fragment ? "#***" : ""}`;
}

/** The host or the binding only: path and query may hold a key. A secret within the host is shown by its name. */
function placeOf({ written }: Address): string {
  return /^(?:[^/?#]*:\/\/)?([^/?#]*)/.exec(written)![1]!;
}

function named(names: readonly string[]): Sentence {
  return names.length < 2 ? listed(names) : both([listed(names.slice(0, -1)), names.at(-1)!]);
}
