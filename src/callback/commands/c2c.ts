/** One-to-one messages. */

import type { AnswerSpec } from "../answer.ts";
import { command, identifiedBy } from "../command.ts";
import { account, between, pair } from "../conversation.ts";
import { documented } from "../documented.ts";
import {
  anything,
  body,
  code,
  customData,
  id,
  integer,
  list,
  maybe,
  object,
  onlineOnly,
  text,
} from "../field.ts";
import { msgBody, rewriting } from "../message.ts";

const from = id("The account that sent the message.");
const to = id("The account that it was sent to.");
const unread = maybe(integer("The receiver's unread one-to-one messages; -1 when delivery failed."));

/** The fields that identify a message. Bodies before about 2018 have none of them. */
const message = {
  From_Account: from,
  To_Account: to,
  MsgSeq: maybe(integer("Its sequence number, unsigned 32 bits.")),
  MsgRandom: maybe(integer("Its random number, unsigned 32 bits.")),
  MsgTime: maybe(integer("When it was sent, Unix seconds.")),
  MsgKey: maybe(text("Its key, by which it is recalled: sequence, random and time.")),
  MsgId: maybe(text("The id that clients know it by.")),
  OnlineOnlyFlag: onlineOnly,
  MsgBody: maybe(msgBody),
  CloudCustomData: customData,
};

const sameMessage = identifiedBy("From_Account", "To_Account", "MsgKey");

const sending: AnswerSpec = {
  codes: [0, 1, 2, [120001, 130000]],
  refusal: 1,
  note: "1 refuses with 20006, 2 drops the message while its sender sees success, 120001 to 130000 refuse and reach the sender with ErrorInfo.",
  fields: rewriting,
};

export function c2cCommands() {
  return [
    command({
      name: "C2C.CallbackBeforeSendMsg",
      documentation: documented && {
        summary: "A one-to-one message is about to be delivered: it may be refused, dropped or rewritten.",
        docs: { zh: "269/1632", intl: "1047/34364" },
        example: {
          From_Account: "lan",
          To_Account: "minh",
          MsgSeq: 4711,
          MsgRandom: 3021984477,
          MsgTime: 1763700050,
          MsgKey: "4711_3021984477_1763700050",
          MsgId: "144115190000000001-1763700050-3021984477",
          OnlineOnlyFlag: 0,
          MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "Ferry at nine?" } }],
          CloudCustomData: '{"thread":"t-9"}',
          EventTime: 1763700050655,
        },
      },
      body: body({
        ...message,
        FriendShip: maybe(anything("On no page; a number in a body of 2018.")),
      }),
      conversation: pair,
      answer: sending,
    }),

    command({
      name: "C2C.CallbackAfterSendMsg",
      documentation: documented && {
        summary: "A one-to-one message was delivered, or could not be.",
        remarks:
          "SendMsgResult says whether it was delivered. A message that a verdict has rewritten comes as rewritten.",
        docs: { zh: "269/2716", intl: "1047/34365" },
        example: {
          From_Account: "lan",
          To_Account: "minh",
          MsgSeq: 4711,
          MsgRandom: 3021984477,
          MsgTime: 1763700050,
          MsgKey: "4711_3021984477_1763700050",
          MsgId: "144115190000000001-1763700050-3021984477",
          OnlineOnlyFlag: 0,
          SendMsgResult: 0,
          ErrorInfo: "send msg succeed",
          UnreadMsgNum: 2,
          MsgBody: [
            { MsgType: "TIMTextElem", MsgContent: { Text: "Ferry at nine?" } },
            { MsgType: "TIMFaceElem", MsgContent: { Index: 4, Data: "anchor" } },
          ],
          CloudCustomData: '{"thread":"t-9"}',
          EventTime: 1763700050702,
        },
      },
      body: body({
        ...message,
        SendMsgResult: maybe(integer("0 for a delivered message, else why not, as an error code.")),
        ErrorInfo: maybe(text("The same in words; nothing to do with the answer's ErrorInfo.")),
        UnreadMsgNum: unread,
      }),
      identity: sameMessage,
      conversation: pair,
    }),

    command({
      name: "C2C.CallbackAfterMsgReport",
      documentation: documented && {
        summary: "A user has read a one-to-one conversation.",
        docs: { zh: "269/61696", intl: "1047/43465" },
        example: {
          Report_Account: "minh",
          Peer_Account: "lan",
          LastReadTime: 1763700060,
          UnreadMsgNum: 0,
          EventTime: 1763700060702,
        },
      },
      body: body({
        Report_Account: id("The account that has read it."),
        Peer_Account: id("The other side."),
        LastReadTime: maybe(integer("Everything up to then is read, Unix seconds.")),
        UnreadMsgNum: maybe(integer("The reader's unread one-to-one messages.")),
      }),
      conversation: between("Report_Account", "Peer_Account"),
    }),

    command({
      name: "C2C.CallbackAfterMsgWithDraw",
      documentation: documented && {
        summary: "A one-to-one message was recalled.",
        docs: { zh: "269/61697", intl: "1047/43466" },
        example: {
          From_Account: "lan",
          To_Account: "minh",
          MsgKey: "4711_3021984477_1763700050",
          UnreadMsgNum: 1,
          EventTime: 1763700075093,
        },
      },
      body: body({
        From_Account: from,
        To_Account: to,
        MsgKey: text("The key of the recalled message."),
        UnreadMsgNum: unread,
      }),
      identity: sameMessage,
      conversation: pair,
    }),

    command({
      name: "C2C.CallbackAfterC2CMsgExtension",
      documentation: documented && {
        summary: "Extensions of a one-to-one message were set, deleted or cleared.",
        docs: { zh: "269/126475", intl: "1047/76006" },
        example: {
          From_Account: "lan",
          To_Account: "minh",
          MsgKey: "4711_3021984477_1763700050",
          OperateType: 1,
          ExtensionList: [
            { Key: "vote", Value: "yes", Seq: 3 },
            { Key: "pier", Value: "2", Seq: 3 },
          ],
          Seq: 3,
          EventTime: 1763700080610,
        },
      },
      body: body({
        From_Account: from,
        To_Account: to,
        MsgKey: text("The message's key."),
        OperateType: maybe(code("The operation", { 1: "set", 2: "delete", 3: "clear all" })),
        ExtensionList: maybe(
          list(
            object({
              Key: maybe(text("The extension's name.")),
              Value: maybe(text("Its value; empty for a deleted one.")),
              Seq: maybe(integer("The version of this extension.")),
            }),
            "The extensions concerned; empty when all are cleared.",
          ),
        ),
        Seq: maybe(integer("The version of the message's extensions as a whole.")),
      }),
      conversation: pair,
    }),

    command({
      name: "C2C.CallbackAfterMsgReadReceipt",
      documentation: documented && {
        summary: "A user sent read receipts for one-to-one messages.",
        docs: { zh: "269/128223", intl: null },
        example: {
          Operator_Account: "minh",
          Peer_Account: "lan",
          C2CMsgInfo: [
            {
              From_Account: "lan",
              To_Account: "minh",
              MsgKey: "4711_3021984477_1763700050",
              MsgId: "144115190000000001-1763700050-3021984477",
            },
            { From_Account: "lan", To_Account: "minh", MsgKey: "4712_118830265_1763700055" },
          ],
          EventTime: 1763700081377,
        },
      },
      body: body({
        Operator_Account: id("The account that sent the receipts."),
        Peer_Account: id("The other side."),
        C2CMsgInfo: maybe(
          list(
            object({
              From_Account: maybe(from),
              To_Account: maybe(to),
              MsgKey: text("The message's key."),
              MsgId: maybe(text("The id that clients know it by.")),
            }),
            "The messages that were read.",
          ),
        ),
      }),
      conversation: between("Operator_Account", "Peer_Account"),
    }),

    command({
      name: "C2C.CallbackAfterModifyMsg",
      documentation: documented && {
        summary: "A one-to-one message was edited.",
        docs: { zh: "269/128224", intl: null },
        example: {
          Operator_Account: "lan",
          From_Account: "lan",
          To_Account: "minh",
          MsgSeq: 4711,
          MsgRandom: 3021984477,
          MsgTime: 1763700050,
          MsgKey: "4711_3021984477_1763700050",
          MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "Ferry at half past nine?" } }],
          CloudCustomData: '{"edited":true}',
          EventTime: 1763700085284,
        },
      },
      body: body({
        Operator_Account: maybe(id("The account that edited it.")),
        ...message,
      }),
      conversation: pair,
    }),

    command({
      name: "C2C.CallbackAfterMsgReadAll",
      documentation: documented && {
        summary: "A user marked everything as read, in one-to-one chats and in groups.",
        docs: { zh: "269/128225", intl: null },
        example: {
          Report_Account: "minh",
          GroupReadInfo: [
            { GroupId: "@TGS#2EXAMPLEEL", MsgSeq: 412 },
            { GroupId: "@TGS#2EXAMPLEEM", MsgSeq: 77 },
          ],
          EventTime: 1763700090559,
        },
      },
      body: body({
        Report_Account: id("The account that has read everything."),
        GroupReadInfo: maybe(
          list(
            object({
              GroupId: id("A group."),
              MsgSeq: maybe(integer("Read up to this message of it.")),
            }),
            "The groups concerned.",
          ),
        ),
      }),
      conversation: account("Report_Account"),
    }),
  ];
}
