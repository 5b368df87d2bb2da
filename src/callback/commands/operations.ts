/** Alerts for the operators of an app. */

import { command } from "../command.ts";
import { none } from "../conversation.ts";
import { documented } from "../documented.ts";
import { body, integer, maybe, text } from "../field.ts";

export function operationsCommands() {
  return [
    command({
      name: "Alert.RequestOverLimit",
      documentation: documented && {
        summary: "A REST API is called at 80 % of its limit, or more.",
        remarks: "It has no switch: it is sent as soon as there is a callback URL.",
        docs: { zh: "269/105418", intl: "1047/60256" },
        example: {
          ServiceName: "group_open_http_svc",
          Command: "send_group_msg",
          Request: 176,
          Limit: 200,
        },
      },
      body: body({
        ServiceName: text("The service of the API."),
        Command: text("The API's command in that service."),
        Request: maybe(integer("Calls a second.")),
        Limit: maybe(integer("Allowed calls a second.")),
      }),
      conversation: none,
    }),
  ];
}
