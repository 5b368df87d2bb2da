/** Online states of users. */

import { command } from "../command.ts";
import { account, within } from "../conversation.ts";
import { documented } from "../documented.ts";
import { body, id, list, maybe, object, text, word } from "../field.ts";

export function stateCommands() {
  return [
    command({
      name: "State.StateChange",
      documentation: documented && {
        summary: "A user came online, went offline, lost the connection, or set a status.",
        remarks:
          "In its URL OptPlatform is spelled IOS. Until about 2018 a lost connection was a Logout with the reason LinkClose or TimeOut.",
        docs: { zh: "269/2570", intl: "1047/34357" },
        example: {
          EventTime: 1763700000123,
          Info: { Action: "Login", To_Account: "lan", Reason: "Register" },
          KickedDevice: [{ Platform: "iPad" }],
        },
      },
      body: body({
        Info: object(
          {
            Action: maybe(word(["Login", "Logout", "Disconnect", "CustomStatusChange"], "The event.")),
            To_Account: id("The account."),
            Reason: maybe(
              word(
                ["Register", "Unregister", "LinkClose", "TimeOut", "SetCustomStatus"],
                "How it came about.",
              ),
            ),
            CustomStatus: maybe(text("The status that was set.")),
          },
          "The change, and the account.",
        ),
        KickedDevice: maybe(
          list(
            object({
              Platform: maybe(
                word(["iOS", "Android", "Web", "Windows", "iPad", "Mac", "Linux"], "The device's platform."),
              ),
            }),
            "The devices that this login put offline.",
          ),
        ),
        CustomStatus: maybe(text("The status that was set; no page shows on which level it stands.")),
      }),
      conversation: within("Info", account("To_Account")),
    }),
  ];
}
