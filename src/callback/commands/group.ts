/** Groups: their messages, members, topics. */
import * as v from "valibot";
import { acknowledged } from "../answer.ts";
import { command } from "../command.ts";
import { group } from "../conversation.ts";
import { eventTime, groupType, integer, list, maybe, text, topicId } from "../field.ts";
import { msgBody } from "../message.ts";

export const groupAfterRecallMsg = command({
  name: "Group.CallbackAfterRecallMsg",
  phase: "after",
  family: "Group",
  summary: "Messages of a group were recalled.",
  docs: { zh: "269/73141", intl: "1047/46979" },
  body: v.looseObject({
    Operator_Account: maybe(text("Who recalled them.")),
    Type: groupType,
    GroupId: text("The group."),
    MsgSeqList: list(
      v.looseObject({
        MsgSeq: integer("The message's sequence number in its group."),
        MsgId: maybe(text("The id that clients know the message by; since 2025.")),
      }),
      "The recalled messages.",
    ),
    TopicId: topicId,
    EventTime: eventTime,
  }),
  conversation: group,
  answer: acknowledged,
  example: {
    CallbackCommand: "Group.CallbackAfterRecallMsg",
    Operator_Account: "lan",
    Type: "Community",
    GroupId: "@TGS#_@TGS#cEXAMPLE62CJ",
    MsgSeqList: [{ MsgSeq: 130 }, { MsgSeq: 131, MsgId: "144115200000000001-1670574414-29044177" }],
    TopicId: "@TGS#_@TGS#cEXAMPLE62CJ@TOPIC#_Harbour",
    EventTime: "1670574414123",
  },
});

export const groupSendMsgException = command({
  name: "Group.CallbackSendMsgException",
  phase: "after",
  family: "Group",
  summary: "A message could not be sent to a group.",
  docs: { zh: "269/78619", intl: "1047/49462" },
  body: v.looseObject({
    GroupId: text("The group that the request named; it may not exist."),
    Type: groupType,
    From_Account: text("Who the message was from."),
    Operator_Account: maybe(text("Who made the request, for example an administrator.")),
    Random: integer("The request's random number, unsigned 32 bits."),
    OnlineOnlyFlag: maybe(integer("1 for a message to those online only, else 0.")),
    MsgBody: maybe(msgBody),
    CloudCustomData: maybe(text("Custom data of the message.")),
    ErrorCode: maybe(integer("Why it failed, as a group error code.")),
    ErrorInfo: maybe(text("Why it failed, in words.")),
    EventTime: eventTime,
  }),
  conversation: group,
  answer: acknowledged,
  example: {
    CallbackCommand: "Group.CallbackSendMsgException",
    GroupId: "@TGS#2EXAMPLEEL",
    Type: "Public",
    From_Account: "minh",
    Operator_Account: "minh",
    Random: 3123456789,
    OnlineOnlyFlag: 0,
    MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "ferry at nine?" } }],
    CloudCustomData: "draft-7",
    ErrorCode: 10017,
    ErrorInfo: "sender is muted in this group",
    EventTime: "1670574414123",
  },
});

export const groupAfterCreateTopic = command({
  name: "Group.CallbackAfterCreateTopic",
  phase: "after",
  family: "Group",
  summary: "A topic was created in a community.",
  docs: { zh: "269/78207", intl: "1047/49464" },
  body: v.looseObject({
    GroupId: text("The community."),
    TopicId: text("The new topic."),
    Operator_Account: maybe(text("Who created it.")),
    Owner_Account: maybe(text("Who owns the community.")),
    Type: groupType,
    Name: maybe(text("What the topic is called.")),
    UserDefinedDataList: maybe(
      list(
        v.looseObject({ Key: maybe(text("The field's name.")), Value: maybe(text("What it holds.")) }),
        "Custom fields, where the app has them.",
      ),
    ),
    EventTime: eventTime,
  }),
  conversation: group,
  answer: acknowledged,
  example: {
    CallbackCommand: "Group.CallbackAfterCreateTopic",
    GroupId: "@TGS#_@TGS#cEXAMPLE62CJ",
    TopicId: "@TGS#_@TGS#cEXAMPLE62CJ@TOPIC#_Harbour",
    Operator_Account: "lan",
    Owner_Account: "siti",
    Type: "Community",
    Name: "Harbour",
    UserDefinedDataList: [{ Key: "season", Value: "summer" }],
  },
});
