/** The meaning of each key of a rule. Pages and the JSON Schema tell it, and the Worker has no need of it. */
import type { Keys } from "./keys.ts";

export const meanings: Readonly<Record<keyof Keys, string>> = {
  name: "The rule's name, unlike any other rule's. A forward rule's name is also its destination's.",
  on: "A command or a list of them; `*` stands for any run of characters. Absent: every command.",
  match: "An event pattern. Absent: every event.",
  sample: "This share of the events that fit, above 0 and up to 1, chosen by the event's id. Absent: all.",
  words:
    "A text element of the message holds one of these words, compared as `replace` compares: a list, or `kv:BINDING/key`. Absent: every event. See [Lists of words](#lists-of-words).",
  enabled: "`false` lets events pass by (to hold them, pause the destination).",
  url: "The address that events are sent to: `https://…`, `http://…` with ALLOW_PRIVATE_DESTINATIONS, `service:BINDING/path` for a Worker of the same account, `queue:BINDING` for a queue, `r2:BINDING/prefix` for an archive in R2, `listener:` for a program that connects by itself, or `poll:` for a receiver that [fetches its events](polling.md). `$NAME` in it is the secret of that name, `$$` a dollar.",
  ask: "The backend that gives the verdict, or a list of them: addresses as in `url`, `https://…`, `service:BINDING/path` or `listener:`.",
  answer: "The fields of the answer to Tencent.",
  secret:
    "Signs requests: a Standard Webhooks secret, or several while rotating; best as `$NAME`, which may hold several, separated by commas.",
  headers: "Further headers, printable ASCII. `$NAME` in a value is the secret of that name, `$$` a dollar.",
  timeoutMs: "How long a destination may take to answer.",
  retry: "Waits between attempts: `200ms`, `5s`, `5m`, `2h`. An empty list: one attempt only.",
  order:
    "`conversation`: the first deliveries of a conversation's events go out in the order in which the events were kept.",
  concurrency:
    "At most so many posts at once, divided among the shards. Five at first; more while events wait and answers stay quick and good, fewer on failures and slowing answers.",
  ratePerSecond: "Posts a second, divided among the shards. Absent: no limit.",
  format: "The format of the request: tim-relay's envelope, Tencent's own request, or CloudEvents.",
  callbackToken:
    "With `raw` only: signs the query afresh with this token, the way Tencent does; best as `$NAME`.",
  template:
    "The body instead of that of `format`: any JSON, in whose texts `{{body.From_Account}}` stands for a field that `match` sees.",
  succeeds:
    "A pattern over `status` and `body` of a 2xx answer: one that does not fit is a failure. Absent: every 2xx is a success.",
  batch:
    "Up to `size` events (100) in one POST, waiting up to `ms` for them (1000). Not with `raw`. An archive in R2 always has it: 10000 events, 300000 ms; elsewhere 1000 and 60000 are the most.",
  deadlineMs: "How long all backends together may take.",
  otherwise: "The verdict when no answer comes in time: `allow`, `refuse`, or an answer's fields.",
  shadow: "`true`: the backend is asked and its verdict recorded, but never used.",
  combine:
    "How the answers of several backends make one verdict: the first refusal wins at once, else all must allow.",
  limit:
    "A further condition, which fits events that come too often: all beyond `count` of one value of the field `by` within any `seconds`.",
  replace:
    "Words to mask in text elements: a list (masked by `*`), an object from word to mask, or `kv:BINDING/key` (masked by `*`).",
};
