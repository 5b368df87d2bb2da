/** Rules as sentences. */

import type { Address } from "./address.ts";
import { formatDuration } from "./duration.ts";
import { limitInWords } from "./limit.ts";
import type { AnswerRule, AskRule, ForwardRule, Rule, Selection } from "./rule.ts";
import { KvList } from "./words/kv-list.ts";
import { oneOf } from "./words/word-list.ts";

/** A sentence on what a rule does: `forwards Group.CallbackAfterRecallMsg whose body.Type is "Community" to feed.example.com`. */
export function describe(rule: Rule): string {
  const action = actionOf(rule);
  return rule.enabled ? action : `${action} (not enabled: events pass by)`;
}

function actionOf(rule: Rule): string {
  switch (rule.kind) {
    case "forward":
      return [`forwards ${selectionOf(rule)} to ${placeOf(rule.address)}`, ...optionsOf(rule)].join(", ");
    case "ask":
      return `asks ${listed(rule.asks.map(placeOf))} about ${decidedBy(rule)}; ${verdictOf(rule)}`;
    case "answer": {
      return `answers ${decidedBy(rule)} with ${JSON.stringify(rule.answer)}${maskingOf(rule)}`;
    }
  }
}

function selectionOf({ on, match, words }: Selection): string {
  const commands = on === null ? "every event" : listed(on);
  const demands = [
    ...(match === null ? [] : [`whose ${match.sentence}`]),
    ...(words === null ? [] : [`whose text holds ${oneOf(words)}`]),
  ];
  return [commands, demands.join(" and ")].join(" ").trimEnd();
}

function maskingOf({ replace }: AnswerRule): string {
  if (replace instanceof KvList) return `, masking the words of ${replace.written} in texts`;
  const words = replace.length;
  return words > 0 ? `, masking ${words} ${words === 1 ? "word" : "words"} in texts` : "";
}

function decidedBy(rule: AskRule | AnswerRule): string {
  return rule.limit ? `${selectionOf(rule)}, ${limitInWords(rule.limit)},` : selectionOf(rule);
}

function optionsOf({
  order,
  format,
  batch,
  ratePerSecond,
  retryMs,
  secrets,
  ...more
}: ForwardRule): string[] {
  const formats = { event: [], raw: ["as Tencent sent it"], cloudevents: ["as CloudEvents"] };
  return [
    ...(more.sample < 1 ? [`${Number((100 * more.sample).toPrecision(6))} % of these`] : []),
    ...(order === "conversation" ? ["in order per conversation"] : []),
    ...formats[format],
    ...(more.template ? ["filled into a template"] : []),
    ...(more.succeeds ? [`taken only if ${more.succeeds.sentence}`] : []),
    ...(batch ? [`up to ${batch.size} in one request`] : []),
    ...(ratePerSecond === null ? [] : [`at most ${ratePerSecond} a second`]),
    ...(retryMs.length === 0 ? ["without a second attempt"] : []),
    ...(secrets.length === 0 ? ["unsigned"] : []),
  ];
}

function verdictOf({ deadlineMs, otherwise, asks, shadow }: AskRule): string {
  if (shadow) return "records the verdict, and never uses it";
  const verdicts = { allow: "allows", refuse: "refuses" };
  const verdict =
    typeof otherwise === "string" ? verdicts[otherwise] : `answers ${JSON.stringify(otherwise)}`;
  const several = asks.length > 1 ? "the first refusal wins; " : "";
  return `${several}${verdict} if no answer comes within ${formatDuration(deadlineMs)}`;
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

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
