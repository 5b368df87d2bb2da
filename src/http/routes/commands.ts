/** Commands: their definitions, and how callbacks differ from them. */
import * as v from "valibot";
import { describeCommands } from "../../callback/describe.ts";
import { driftKinds } from "../../callback/drift.ts";
import { component, count, described, gaps, timestamp } from "../answers.ts";
import { askMost, marked } from "../ask-each.ts";
import { mergeDrift } from "../drift-report.ts";
import { object } from "../fields.ts";
import { headersOf, Refusal, time } from "../reply.ts";
import { route } from "../route.ts";
import { sendExample } from "../send-example.ts";

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

const listCommands = route(
  {
    method: "GET",
    path: "/api/commands",
    operation: "listCommands",
    tag: "Observability",
    access: "read",
    summary: "Lists every known command with its phase, summary, JSON Schema and example.",
    answer: component("CommandList", "All commands, family by family.", { commands: v.array(command) }),
  },
  () => ({ commands: describeCommands().map((command) => ({ ...command, schema: { ...command.schema } })) }),
);

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

const listDrift = route(
  {
    method: "GET",
    path: "/api/drift",
    operation: "listDrift",
    tag: "Observability",
    access: "read",
    summary:
      "Lists how callbacks differ from Tencent's documents, by command and path: unknown fields and commands, unexpected values.",
    answer: component(
      "DriftList",
      "The most frequent difference first. A shard remembers 1,000; of more, the rarest are forgotten.",
      { drift: v.array(drift), ...gaps },
    ),
  },
  async ({ caller, ...place }) => {
    const { answers, missing } = await askMost(place, "drift", (stub) => stub.drift());
    const drift = mergeDrift(answers.flat(), caller.sees);
    return {
      drift: drift.map(({ first, last, ...rest }) => ({ ...rest, firstAt: time(first), lastAt: time(last) })),
      ...marked(missing),
    };
  },
);

const tryCommand = route(
  {
    method: "POST",
    path: "/api/commands/{command}/try",
    operation: "tryCommand",
    tag: "Observability",
    access: "admin",
    summary:
      "Receives the example of a command as if Tencent had sent it: signed, with new times and ids, by the way of every callback. In local runs alone.",
    body: {
      set: object('Values by their paths in the body: `{"MsgBody[0].MsgContent.Text": "hello"}`.'),
      body: object("A body to send instead of the example. Its times and ids become new, too."),
    },
    answer: component("Tried", "The answer that Tencent would get, and the event.", {
      id: described(v.nullable(v.string()), "The id of the event; null if none is kept."),
      status: described(count, "The HTTP status of the answer."),
      answer: described(v.record(v.string(), v.unknown()), "The JSON of the answer."),
    }),
    action: { name: "tried", target: ({ params }) => params.command },
    notFound: "There is no such command, and the request has no `body`.",
  },
  async ({ params: { command }, body, ...context }) => {
    if (!context.config.privateDestinations)
      throw new Refusal(
        403,
        "no_local_run",
        "examples are sent in local runs alone, and ALLOW_PRIVATE_DESTINATIONS is not set",
      );
    const { id, response } = await sendExample({ command, ...body }, context);
    const { status } = response;
    // Whole numbers of the answer may exceed 2^53: its text is not read.
    const text = `{"id":${JSON.stringify(id)},"status":${status},"answer":${await response.text()}}`;
    return new Response(text, { headers: headersOf("application/json") });
  },
);

export const commandRoutes = [listCommands, tryCommand, listDrift];
