/** The meaning of each key of a rule. Pages and the JSON Schema tell it, and the Worker has no need of it. */
import type { Keys } from "./keys.ts";

export const meanings: Readonly<Record<keyof Keys, string>> = {
  name: "1 to 40 of `a-z`, `0-9` and `-`. A forward rule's name is also its destination's. Rules that share a name both wait.",
  on: "A command or a list of them; `*` stands for any run of characters. Absent: every command.",
  match: "An event pattern. Absent: every event.",
  sample: "This share of the events that fit, above 0 and up to 1, chosen by the event's id. Absent: all.",
  words:
    "A text element of the message holds one of these words, compared as `replace` compares: a list, or `kv:BINDING/key`. Absent: every event. See [Lists of words](before-callbacks.md#lists-of-words).",
  enabled: "`false` lets events pass by (to hold them, pause the destination).",
  url: "The address that events are sent to: `https://…`, `http://…` with ALLOW_PRIVATE_DESTINATIONS, `service:BINDING/path` for a Worker of the same account, `queue:BINDING` for a queue, `r2:BINDING/prefix` for an archive in R2, `listener:` for a program that [connects by itself](listening.md), or `poll:` for a receiver that [fetches its events](polling.md). `$NAME` in it is the secret of that name, `$$` a dollar.",
  ask: "The backend that gives the verdict, or a list of them: addresses as in `url`, `https://…`, `service:BINDING/path` or `listener:`.",
  answer: "The fields of the answer to Tencent, which is given at once.",
  secret:
    "Signs each post, once per secret: a Standard Webhooks secret (`whsec_…`), or several while receivers change theirs; best as `$NAME`, which may hold several, separated by commas.",
  headers: "Further headers, printable ASCII. `$NAME` in a value is the secret of that name, `$$` a dollar.",
  timeoutMs: "How long a destination may take to answer an attempt.",
  retry:
    "Waits after failures, each varied by ±20 %: `200ms`, `5s`, `5m`, `2h`. After the last one the event is a dead letter. An empty list: one attempt only.",
  order:
    "`conversation`: the first deliveries of a conversation's events go out one at a time, in the order in which the events were kept. A conversation is a group, a pair of accounts, or an official account.",
  concurrency:
    "At most so many posts at once, divided among the shards, at least 1 each. Five at first; more while events wait and answers stay quick and good, fewer on failures and slowing answers.",
  ratePerSecond: "Posts a second, divided among the shards, at least 1 each. Absent: no limit.",
  format: "The format of the request: tim-relay's envelope, Tencent's own request, or CloudEvents.",
  callbackToken:
    "With `format: raw` only: signs the query afresh with this token, the way Tencent does; best as `$NAME`.",
  template:
    "The body instead of that of `format`: any JSON, in whose texts `{{body.From_Account}}` stands for a field that `match` sees.",
  succeeds:
    "A pattern over `status` and `body` of a 2xx answer: one that does not fit is a failure. Absent: every 2xx is a success.",
  batch:
    "An array of up to `size` events (100) in one POST, sent when it is full or its first event is `ms` (1000) old. Not with `raw`. An archive in R2 always has it: 10000 events, 300000 ms; elsewhere 1000 and 60000 are the most.",
  deadlineMs: "How long all backends together may take, at most 1600.",
  otherwise:
    "The verdict when the backend is late or down, or its answer is none: `allow`, `refuse`, or an answer's fields.",
  shadow: "`true`: the backend is asked and its verdict recorded, but never used.",
  combine:
    "How the answers of several backends make one verdict: the first refusal wins at once, else all must allow. Of several targets each keeps its refusals.",
  limit:
    "A further condition, which fits events that come too often: all beyond `count` of one value of the field `by` within any `seconds`.",
  replace:
    "Words to mask in text elements: a list (masked by `*`), an object from word to mask, or `kv:BINDING/key` (masked by `*`).",
};
