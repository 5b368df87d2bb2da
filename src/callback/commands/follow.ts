/** Followers of users. */

import { command } from "../command.ts";
import { account } from "../conversation.ts";
import { documented } from "../documented.ts";
import { body, id, list, object } from "../field.ts";

export function followCommands() {
  return [
    command({
      name: "Follow.CallbackAfterFollowAdd",
      documentation: documented && {
        summary: "A user follows other users.",
        docs: { zh: "269/118915", intl: "1047/70355" },
        example: {
          From_Account: "lan",
          FollowList: [{ To_Account: "siti" }, { To_Account: "minh" }],
          EventTime: 1763700040444,
        },
      },
      body: body({
        From_Account: id("The account that follows."),
        FollowList: list(
          object({ To_Account: id("An account that is followed.") }),
          "The accounts that are followed now.",
        ),
      }),
      conversation: account("From_Account"),
    }),

    command({
      name: "Follow.CallbackAfterFollowDelete",
      documentation: documented && {
        summary: "A user no longer follows other users.",
        remarks: "To_Account is a list of texts here, while the adding command has a list of objects.",
        docs: { zh: null, intl: "1047/70356" },
        example: {
          From_Account: "lan",
          To_Account: ["siti", "minh"],
          EventTime: 1763700041873,
        },
      },
      body: body({
        From_Account: id("The account that followed."),
        To_Account: list(id("An account."), "The accounts that are no longer followed."),
      }),
      conversation: account("From_Account"),
    }),
  ];
}
