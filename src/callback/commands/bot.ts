/** Chatbots: accounts that begin with @RBT#. */

import type { AnswerSpec } from "../answer.ts";
import { command } from "../command.ts";
import { group, pair } from "../conversation.ts";
import { documented } from "../documented.ts";
import {
  anything,
  body,
  customData,
  groupId,
  groupType,
  id,
  integer,
  list,
  maybe,
  onlineOnly,
  text,
  topicId,
} from "../field.ts";
import { msgBody } from "../message.ts";

const from = id("The account that wrote to the bot.");
const bot = id("The bot.");
const key = text("The message's key, by which it is recalled.");
const seq = maybe(integer("The message's sequence number, unsigned 32 bits."));
const random = maybe(integer("The message's random number, unsigned 32 bits."));
const time = maybe(integer("When it was sent, Unix seconds."));

/** An after-callback whose answer matters all the same: its RspData goes to the bot. */
const replying: AnswerSpec = {
  codes: [0, 1],
  refusal: 1,
  note: "With 0 RspData goes to the bot, with 1 nothing does.",
  fields: { RspData: text("The data that is passed to the bot; without it the bot gets nothing.") },
};

export function botCommands() {
  return [
    command({
      name: "Bot.OnC2CMessage",
      documentation: documented && {
        summary: "A user wrote to a bot.",
        remarks: "C2C.CallbackAfterSendMsg may report the same message too.",
        docs: { zh: "269/90407", intl: "1047/68952" },
        example: {
          From_Account: "lan",
          To_Account: "@RBT#ferryman",
          MsgSeq: 5501,
          MsgRandom: 77120453,
          MsgTime: 1763702710,
          MsgKey: "5501_77120453_1763702710",
          MsgId: "144115190000000003-1763702710-77120453",
          OnlineOnlyFlag: 0,
          SendMsgResult: 0,
          ErrorInfo: "send msg succeed",
          MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "When does the next ferry leave?" } }],
          CloudCustomData: '{"lang":"en"}',
          EventTime: 1763702710808,
        },
      },
      body: body({
        From_Account: from,
        To_Account: bot,
        MsgSeq: seq,
        MsgRandom: random,
        MsgTime: time,
        MsgKey: key,
        MsgId: maybe(text("The id that clients know the message by.")),
        OnlineOnlyFlag: onlineOnly,
        SendMsgResult: maybe(integer("0 for a delivered message, else why not, as an error code.")),
        ErrorInfo: maybe(text("The same in words.")),
        UnreadMsgNum: maybe(integer("The receiver's unread messages; in older bodies.")),
        MsgBody: maybe(msgBody),
        CloudCustomData: customData,
        SyncOtherMachine: maybe(anything("On no page, but seen.")),
        SupportMessageExtension: maybe(anything("On no page, but seen.")),
      }),
      conversation: pair,
    }),

    command({
      name: "Bot.OnGroupMessage",
      documentation: documented && {
        summary: "Bots were mentioned in a group.",
        remarks: "Mentioning everyone does not trigger it.",
        docs: { zh: "269/89994", intl: "1047/68953" },
        example: {
          GroupId: "@TGS#2EXAMPLEEL",
          Type: "Public",
          From_Account: "minh",
          Operator_Account: "minh",
          Random: 901244,
          MsgSeq: 58,
          MsgTime: 1763702720,
          OnlineOnlyFlag: 0,
          MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "@@RBT#ferryman when is high tide?" } }],
          AtRobots_Account: ["@RBT#ferryman", "@RBT#tides"],
          CloudCustomData: '{"lang":"en"}',
          EventTime: 1763702720919,
        },
      },
      body: body({
        GroupId: groupId,
        Type: groupType,
        From_Account: from,
        Operator_Account: maybe(id("The account that made the request, for example an administrator.")),
        Random: maybe(integer("The request's random number, unsigned 32 bits.")),
        MsgSeq: integer("The message's sequence number in its group."),
        MsgTime: time,
        OnlineOnlyFlag: onlineOnly,
        MsgBody: maybe(msgBody),
        AtRobots_Account: maybe(list(id("A bot."), "The bots that were mentioned.")),
        CloudCustomData: customData,
        TopicId: topicId,
      }),
      conversation: group,
    }),

    command({
      name: "Chatbot.OnC2CSignalMessage",
      documentation: documented && {
        summary: "A user sent data through to a bot, which waits for the answer.",
        remarks: "The answer's RspData goes to the bot; without it the bot gets nothing.",
        docs: { zh: "269/103730", intl: "1047/59057" },
        example: {
          From_Account: "lan",
          To_Account: "@RBT#ferryman",
          MsgSeq: 7741,
          MsgRandom: 20455,
          MsgKey: "7741_20455_1763702730",
          Data: '{"intent":"book","seats":2}',
          EventTime: 1763702730030,
        },
      },
      body: body({
        From_Account: from,
        To_Account: bot,
        MsgSeq: seq,
        MsgRandom: random,
        MsgKey: key,
        Data: maybe(text("The data, usually JSON in a text.")),
      }),
      conversation: pair,
      answer: replying,
    }),
  ];
}
