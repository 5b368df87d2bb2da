/** Who follows whom. */
import { command } from "../command.ts";
import { account } from "../conversation.ts";
import { body, id, list, object } from "../field.ts";

export const followCommands = [
  command({
    name: "Follow.CallbackAfterFollowAdd",
    summary: "A user follows others.",
    docs: { zh: "269/118915", intl: "1047/70355" },
    body: body({
      From_Account: id("Who follows."),
      FollowList: list(object({ To_Account: id("Who is followed.") }), "Those followed now."),
    }),
    conversation: account("From_Account"),
    example: {
      From_Account: "lan",
      FollowList: [{ To_Account: "siti" }, { To_Account: "minh" }],
      EventTime: 1763700040444,
    },
  }),

  command({
    name: "Follow.CallbackAfterFollowDelete",
    summary: "A user follows others no longer.",
    remarks: "To_Account is a list of texts here, while the adding command has a list of objects.",
    docs: { zh: null, intl: "1047/70356" },
    body: body({
      From_Account: id("Who followed."),
      To_Account: list(id("An account."), "Those followed no longer."),
    }),
    conversation: account("From_Account"),
    example: {
      From_Account: "lan",
      To_Account: ["siti", "minh"],
      EventTime: 1763700041873,
    },
  }),
];
