/** Official accounts, which the console also calls official channels. */
import * as v from "valibot";
import { acknowledged } from "../answer.ts";
import { command } from "../command.ts";
import { official } from "../conversation.ts";
import { eventTime, list, text } from "../field.ts";

export const officialAccountAfterMsgWithDraw = command({
  name: "OfficialAccount.CallbackAfterMsgWithDraw",
  phase: "after",
  family: "OfficialAccount",
  summary: "Messages of an official account were recalled.",
  docs: { zh: "269/102325", intl: "1047/60805" },
  body: v.looseObject({
    Official_Account: text("The official account."),
    WithdrawMsgList: list(
      v.looseObject({ MsgKey: text("The message's key.") }),
      "The recalled messages; a small d here, a capital one in the command.",
    ),
    EventTime: eventTime,
  }),
  conversation: official,
  answer: acknowledged,
  example: {
    CallbackCommand: "OfficialAccount.CallbackAfterMsgWithDraw",
    Official_Account: "@TOA#_harbour_news",
    WithdrawMsgList: [{ MsgKey: "18_1_1763702621" }, { MsgKey: "19_1_1763702699" }],
    EventTime: 1763702701777,
  },
});
