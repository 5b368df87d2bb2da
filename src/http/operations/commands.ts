/** Commands, and how callbacks differ from them. */
import * as v from "valibot";
import { driftKinds } from "../../callback/drift.ts";
import { component, count, described, gaps, timestamp } from "./answers.ts";
import type { Documented } from "./documented.ts";

const command = component("Command", "A callback that Tencent documents.", {
  command: described(v.string(), "The `CallbackCommand`."),
  phase: described(
    v.picklist(["before", "after"]),
    "Sent before an action, which the answer decides, or after it.",
  ),
  family: v.string(),
  summary: v.string(),
  documentation: described(
    v.object({ zh: v.nullable(v.string()), en: v.nullable(v.string()) }),
    "The addresses of Tencent's pages about it, in Chinese and in English.",
  ),
  schema: described(v.record(v.string(), v.unknown()), "JSON Schema 2020-12 of the body."),
  example: described(v.record(v.string(), v.unknown()), "A body."),
});

const drift = component("Drift", "A difference between callbacks and Tencent's documents.", {
  command: v.string(),
  path: described(
    v.string(),
    "`MsgBody[].MsgContent.Text`: indexes are folded, long names cut. A caller that sees metadata gets `*` for the name of an unknown field.",
  ),
  kind: v.picklist(driftKinds),
  seen: described(
    v.nullable(v.string()),
    "A type's name; of an unexpected value its first 64 characters, which a caller that sees metadata gets as null.",
  ),
  count,
  firstAt: timestamp,
  lastAt: timestamp,
});

export const commandOperations = {
  listCommands: {
    tag: "Observability",
    summary: "Lists every known command with its phase, summary, JSON Schema and example.",
    answer: component("CommandList", "All commands, family by family.", { commands: v.array(command) }),
  },
  listDrift: {
    tag: "Observability",
    summary:
      "Lists how callbacks differ from Tencent's documents, by command and path: unknown fields and commands, unexpected values.",
    answer: component(
      "DriftList",
      "The most frequent difference first. A shard remembers 1,000; of more, the rarest are forgotten.",
      { drift: v.array(drift), ...gaps },
    ),
  },
  tryCommand: {
    tag: "Observability",
    summary:
      "Receives the example of a command as if Tencent had sent it: signed, with new times and ids, by the way of every callback. In local runs alone.",
    answer: component("Tried", "The answer that Tencent would get, and the event.", {
      id: described(v.nullable(v.string()), "The id of the event; null if none is kept."),
      status: described(count, "The HTTP status of the answer."),
      answer: described(v.record(v.string(), v.unknown()), "The JSON of the answer."),
    }),
    notFound: "There is no such command, and the request has no `body`.",
  },
} satisfies Record<string, Documented>;
