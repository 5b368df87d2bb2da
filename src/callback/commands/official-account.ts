/** Official accounts, which the console also calls official channels. */

import type { AnswerSpec } from "../answer.ts";
import { command } from "../command.ts";
import { account, official } from "../conversation.ts";
import { documented } from "../documented.ts";
import { body, customData, id, integer, list, maybe, object, onlineOnly, operator, text } from "../field.ts";
import { msgBody, rewriting } from "../message.ts";

const officialAccount = id("The official account: @TOA# and a name; once seen as #TOA#.");

const subscribers = list(
  object({ Subscriber_Account: maybe(id("The account.")) }),
  "The users; the list keeps this name when they leave.",
);

const own = [120001, 130000] as const;
const ownNote = "120001 to 130000 refuse and reach the caller with ErrorInfo.";

const creating: AnswerSpec = {
  codes: [0, 1, own],
  refusal: 1,
  note: `1 refuses with 20006, ${ownNote}`,
  fields: {},
};

const sending: AnswerSpec = {
  codes: [0, 1, 2, own],
  refusal: 1,
  note: `1 refuses with 10016, 2 drops the message while the caller sees success, ${ownNote}`,
  fields: rewriting,
};

const subscribing: AnswerSpec = {
  codes: [0, 1],
  refusal: 1,
  note: "1 refuses all of them.",
  fields: {
    RefusedSubscribers_Account: list(
      id("An account."),
      "The accounts that may not subscribe; all other accounts may.",
    ),
  },
};

export function officialAccountCommands() {
  return [
    command({
      name: "OfficialAccount.CallbackBeforeCreateOfficialAccount",
      documentation: documented && {
        summary: "An official account is about to be created: it may be refused.",
        docs: { zh: "269/102315", intl: "1047/60795" },
        example: {
          Operator_Account: "administrator",
          Owner_Account: "siti",
          Name: "Harbour news",
          EventTime: 1763702600001,
        },
      },
      body: body({
        Operator_Account: id("The account that asks for it."),
        Owner_Account: maybe(id("The future owner.")),
        Name: maybe(text("Its future name.")),
      }),
      conversation: account("Operator_Account"),
      answer: creating,
    }),

    command({
      name: "OfficialAccount.CallbackAfterCreateOfficialAccount",
      documentation: documented && {
        summary: "An official account was created.",
        docs: { zh: "269/102316", intl: "1047/60796" },
        example: {
          Official_Account: "@TOA#_harbour_news",
          Operator_Account: "administrator",
          Owner_Account: "siti",
          Name: "Harbour news",
          EventTime: 1763702601234,
        },
      },
      body: body({
        Official_Account: officialAccount,
        Operator_Account: operator,
        Owner_Account: maybe(id("The owner.")),
        Name: maybe(text("Its name.")),
      }),
      conversation: official,
    }),

    command({
      name: "OfficialAccount.CallbackAfterOfficialAccountInfoChanged",
      documentation: documented && {
        summary: "An official account's profile changed.",
        docs: { zh: "269/102317", intl: "1047/60797" },
        example: {
          Official_Account: "@TOA#_harbour_news",
          Operator_Account: "administrator",
          Introduction: "Tides, ferries, piers",
          Name: "Harbour news daily",
          FaceUrl: "https://img.example.org/o/3.png",
          Organization: "Harbour office",
          EventTime: 1763702605678,
        },
      },
      body: body({
        Official_Account: officialAccount,
        Operator_Account: operator,
        Introduction: maybe(text("The new introduction.")),
        Name: maybe(text("The new name.")),
        FaceUrl: maybe(text("The new picture's address.")),
        Organization: maybe(text("The new organisation.")),
      }),
      conversation: official,
    }),

    command({
      name: "OfficialAccount.CallbackAfterOfficialAccountDestroyed",
      documentation: documented && {
        summary: "An official account was destroyed.",
        docs: { zh: "269/102318", intl: "1047/60798" },
        example: {
          Official_Account: "@TOA#_harbour_news",
          Owner_Account: "siti",
          Name: "Harbour news daily",
          EventTime: 1763702609012,
        },
      },
      body: body({
        Official_Account: officialAccount,
        Owner_Account: maybe(id("The former owner.")),
        Name: maybe(text("Its former name.")),
      }),
      conversation: official,
    }),

    command({
      name: "OfficialAccount.CallbackBeforeAddSubscriber",
      documentation: documented && {
        summary: "Users are about to subscribe to an official account: all or some may be refused.",
        docs: { zh: "269/102319", intl: "1047/60799" },
        example: {
          Official_Account: "@TOA#_harbour_news",
          Operator_Account: "lan",
          SubscribeAccountList: [{ Subscriber_Account: "lan" }],
          EventTime: 1763702611111,
        },
      },
      body: body({
        Official_Account: officialAccount,
        Operator_Account: operator,
        SubscribeAccountList: subscribers,
      }),
      conversation: official,
      answer: subscribing,
    }),

    command({
      name: "OfficialAccount.CallbackAfterAddSubscriber",
      documentation: documented && {
        summary: "Users subscribed to an official account.",
        docs: { zh: "269/102320", intl: "1047/60800" },
        example: {
          Official_Account: "@TOA#_harbour_news",
          Operator_Account: "administrator",
          SubscribeAccountList: [{ Subscriber_Account: "lan" }, { Subscriber_Account: "minh" }],
          EventTime: 1763702612222,
        },
      },
      body: body({
        Official_Account: officialAccount,
        Operator_Account: operator,
        SubscribeAccountList: subscribers,
      }),
      conversation: official,
    }),

    command({
      name: "OfficialAccount.CallbackAfterOfficialAccountFull",
      documentation: documented && {
        summary: "An official account has as many subscribers as it may have.",
        docs: { zh: "269/102321", intl: "1047/60801" },
        example: {
          Official_Account: "@TOA#_harbour_news",
          EventTime: 1763702613333,
        },
      },
      body: body({ Official_Account: officialAccount }),
      conversation: official,
    }),

    command({
      name: "OfficialAccount.CallbackAfterDeleteSubscriber",
      documentation: documented && {
        summary: "Users unsubscribed from an official account.",
        docs: { zh: "269/102322", intl: "1047/60802" },
        example: {
          Official_Account: "@TOA#_harbour_news",
          Operator_Account: "minh",
          SubscribeAccountList: [{ Subscriber_Account: "minh" }],
          EventTime: 1763702614444,
        },
      },
      body: body({
        Official_Account: officialAccount,
        Operator_Account: operator,
        SubscribeAccountList: subscribers,
      }),
      conversation: official,
    }),

    command({
      name: "OfficialAccount.CallbackBeforeSendMsg",
      documentation: documented && {
        summary:
          "A message of an official account is about to be sent: it may be refused, dropped or rewritten.",
        docs: { zh: "269/102323", intl: "1047/60803" },
        example: {
          Official_Account: "@TOA#_harbour_news",
          OnlineOnlyFlag: 0,
          MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "No ferries until Monday" } }],
          CloudCustomData: '{"desk":"traffic"}',
          EventTime: 1763702620555,
        },
      },
      body: body({
        Official_Account: officialAccount,
        OnlineOnlyFlag: onlineOnly,
        MsgBody: maybe(msgBody),
        CloudCustomData: customData,
      }),
      conversation: official,
      answer: sending,
    }),

    command({
      name: "OfficialAccount.CallbackAfterSendMsg",
      documentation: documented && {
        summary: "A message of an official account was sent.",
        docs: { zh: "269/102324", intl: "1047/60804" },
        example: {
          Official_Account: "@TOA#_harbour_news",
          MsgKey: "18_1_1763702621",
          MsgTime: 1763702621,
          OnlineOnlyFlag: 0,
          MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "No ferries until Monday" } }],
          CloudCustomData: '{"desk":"traffic"}',
          EventTime: 1763702621666,
        },
      },
      body: body({
        Official_Account: officialAccount,
        MsgKey: text("The message's key, by which it is recalled."),
        MsgTime: maybe(integer("When it was sent, Unix seconds.")),
        OnlineOnlyFlag: onlineOnly,
        MsgBody: maybe(msgBody),
        CloudCustomData: customData,
      }),
      conversation: official,
    }),

    command({
      name: "OfficialAccount.CallbackAfterMsgWithDraw",
      documentation: documented && {
        summary: "Messages of an official account were recalled.",
        docs: { zh: "269/102325", intl: "1047/60805" },
        example: {
          Official_Account: "@TOA#_harbour_news",
          WithdrawMsgList: [{ MsgKey: "18_1_1763702621" }, { MsgKey: "19_1_1763702699" }],
          EventTime: 1763702701777,
        },
      },
      body: body({
        Official_Account: officialAccount,
        WithdrawMsgList: list(
          object({ MsgKey: text("The message's key.") }),
          "The recalled messages; a small d here, a capital one in the command.",
        ),
      }),
      conversation: official,
    }),
  ];
}
