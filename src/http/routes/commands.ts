/** Commands: their definitions, and how callbacks differ from them. */

import { say } from "../../sentence.ts";
import { askMost, marked } from "../ask-each.ts";
import { documentOf } from "../assets.ts";
import { mergeDrift } from "../drift-report.ts";
import { object } from "../fields.ts";
import { headersOf, Refusal, time } from "../reply.ts";
import { route } from "../route.ts";
import { sendExample } from "../send-example.ts";

const listCommands = route(
  {
    method: "GET",
    path: "/api/commands",
    operation: "listCommands",
    access: "read",
  },
  (context) => documentOf("commands.json", context),
);

const listDrift = route(
  {
    method: "GET",
    path: "/api/drift",
    operation: "listDrift",
    access: "read",
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
    access: "admin",
    body: () => ({
      set: object('Values by their paths in the body: `{"MsgBody[0].MsgContent.Text": "hello"}`.'),
      body: object("A body to send instead of the example. Its times and ids become new, too."),
    }),
    action: { name: "tried", target: ({ params }) => params.command },
  },
  async ({ params: { command }, body, ...context }) => {
    if (!context.config.privateDestinations)
      throw new Refusal(
        403,
        "no_local_run",
        say`examples are sent in local runs alone, and ALLOW_PRIVATE_DESTINATIONS is not set`,
      );
    const { id, response } = await sendExample({ command, ...body }, context);
    const { status } = response;
    // Whole numbers of the answer may exceed 2^53: its text is not read.
    const text = `{"id":${JSON.stringify(id)},"status":${status},"answer":${await response.text()}}`;
    return new Response(text, { headers: headersOf("application/json") });
  },
);

export const commandRoutes = [listCommands, tryCommand, listDrift];
