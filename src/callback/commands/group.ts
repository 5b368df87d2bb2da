/** Groups: their messages, members, topics. */

import type { AnswerSpec } from "../answer.ts";
import { command, identifiedBy } from "../command.ts";
import { account, first, group, none } from "../conversation.ts";
import { documented } from "../documented.ts";
import {
  anything,
  body,
  code,
  customData,
  groupId,
  groupType,
  id,
  integer,
  list,
  maybe,
  members,
  object,
  onlineOnly,
  operator,
  orText,
  text,
  topicId,
  word,
} from "../field.ts";
import { msgBody, rewriting } from "../message.ts";

const own = [10100, 10200] as const;
const ownNote = "10100 to 10200 refuse and reach the client with ErrorInfo.";

const creating: AnswerSpec = {
  codes: [0, 1, own],
  refusal: 1,
  note: `1 refuses with 10016, ${ownNote}`,
  fields: {},
};

const inviting: AnswerSpec = {
  ...creating,
  fields: {
    RefusedMembers_Account: list(
      id("An account."),
      "The accounts that may not join; all other accounts may.",
    ),
  },
};

const sending: AnswerSpec = {
  codes: [0, 1, 2, own],
  refusal: 1,
  note: `1 refuses with 10016, 2 drops the message while its sender sees success, ${ownNote}`,
  fields: rewriting,
};

const sameMessage = identifiedBy("GroupId", "MsgSeq", "Random");
const sameMessageOfTopic = identifiedBy("GroupId", "MsgSeq", "Random", "TopicId");

const random = integer("The request's random number, unsigned 32 bits.");
const seq = integer("The message's sequence number in its group.");
const msgId = maybe(text("The id that clients know the message by; since 2025."));
const firstMembers = maybe(members("The members it begins with."));
const customFields = maybe(
  list(
    object({ Key: maybe(text("The field's name.")), Value: maybe(text("Its value.")) }),
    "Custom fields, where the app has them.",
  ),
);
const inviteOption = maybe(anything("On no page; NeedPermission or DisableInvite in what was seen."));

/** The changed fields; unchanged ones are missing. */
const profile = {
  Name: maybe(text("The new name.")),
  Introduction: maybe(text("The new introduction.")),
  Notification: maybe(text("The new announcement.")),
  FaceUrl: maybe(text("The new picture's address.")),
};

/** A message and its sender. Bodies of 2016 have neither a random nor a sequence number to identify it. */
const message = {
  GroupId: groupId,
  Type: groupType,
  From_Account: id("The sender of the message; @TLS#NOT_FOUND for a request without a sender."),
  Operator_Account: maybe(id("The account that made the request, for example an administrator.")),
  OnlineOnlyFlag: onlineOnly,
  MsgBody: maybe(msgBody),
  CloudCustomData: customData,
  TopicId: topicId,
  MsgId: msgId,
  MsgPriority: maybe(anything("On no page; Normal in a body of 2022.")),
  GroupAtInfo: maybe(
    list(
      object({
        GroupAtAllFlag: maybe(code("The mention", { 0: "one member", 1: "everyone" })),
        GroupAt_Account: maybe(id("The member.")),
      }),
      "The mentions, 30 at most.",
    ),
  ),
};

export function groupCommands() {
  return [
    command({
      name: "Group.CallbackBeforeCreateGroup",
      documentation: documented && {
        summary: "A group is about to be created: it may be refused.",
        docs: { zh: "269/1662", intl: "1047/34368" },
        example: {
          Operator_Account: "lan",
          Owner_Account: "lan",
          Type: "Public",
          Name: "Harbour walks",
          CreateGroupNum: 4,
          MemberList: [{ Member_Account: "minh" }, { Member_Account: "siti" }],
          EventTime: 1718000000321,
        },
      },
      body: body({
        Operator_Account: id("The account that asks for it."),
        Owner_Account: maybe(id("The future owner.")),
        Type: groupType,
        Name: maybe(text("Its future name.")),
        CreateGroupNum: maybe(integer("How many groups of this type the user has; not since 2025.")),
        CreatedGroupNum: maybe(anything("The same in older bodies: a number, or numbers by type.")),
        MemberList: firstMembers,
        InviteOption: inviteOption,
      }),
      conversation: account("Operator_Account"),
      answer: creating,
    }),

    command({
      name: "Group.CallbackAfterCreateGroup",
      documentation: documented && {
        summary: "A group was created.",
        remarks: "For a community it comes about three seconds late.",
        docs: { zh: "269/1663", intl: "1047/34369" },
        example: {
          GroupId: "@TGS#2EXAMPLEEL",
          Operator_Account: "lan",
          Owner_Account: "lan",
          Type: "Public",
          Name: "Harbour walks",
          MemberList: [{ Member_Account: "minh" }, { Member_Account: "siti" }],
          UserDefinedDataList: [
            { Key: "region", Value: "coast" },
            { Key: "pace", Value: "slow" },
          ],
          EventTime: 1718000001654,
        },
      },
      body: body({
        GroupId: groupId,
        Operator_Account: operator,
        Owner_Account: maybe(id("The owner.")),
        Type: groupType,
        Name: maybe(text("Its name.")),
        MemberList: firstMembers,
        UserDefinedDataList: customFields,
        InviteOption: inviteOption,
        CreateGroupNum: maybe(anything("On no page; a number in what was seen.")),
        CreatedGroupNum: maybe(anything("On no page; a number in what was seen.")),
      }),
      conversation: group,
    }),

    command({
      name: "Group.CallbackBeforeApplyJoinGroup",
      documentation: documented && {
        summary: "A user asks to join a group: it may be refused.",
        remarks:
          "Code 0 lets the request go on; if the group requires an administrator's approval, it is still asked for.",
        docs: { zh: "269/1665", intl: "1047/34370" },
        example: {
          GroupId: "@TGS#2EXAMPLEEL",
          Type: "Public",
          Requestor_Account: "siti",
          ApplyMsg: "Lan told me about the walks",
          EventTime: 1718000002111,
        },
      },
      body: body({
        GroupId: groupId,
        Type: groupType,
        Requestor_Account: id(
          "The account that wants to join; spelled Requester_Account in the commands about friends.",
        ),
        ApplyMsg: maybe(text("The text of the request; since 2025.")),
        TopicId: topicId,
      }),
      conversation: group,
      answer: creating,
    }),

    command({
      name: "Group.CallbackBeforeInviteJoinGroup",
      documentation: documented && {
        summary: "Users are about to be added to a group: all or some may be refused.",
        docs: { zh: "269/1666", intl: "1047/34371" },
        example: {
          GroupId: "@TGS#2EXAMPLEEL",
          Type: "Public",
          Operator_Account: "lan",
          DestinationMembers: [{ Member_Account: "siti" }, { Member_Account: "nobody_7" }],
          EventTime: 1718000003222,
        },
      },
      body: body({
        GroupId: groupId,
        Type: groupType,
        Operator_Account: maybe(id("The account that invites.")),
        DestinationMembers: members("The accounts that are invited."),
        TopicId: topicId,
      }),
      conversation: group,
      answer: inviting,
    }),

    command({
      name: "Group.CallbackAfterNewMemberJoin",
      documentation: documented && {
        summary: "Members joined a group.",
        docs: { zh: "269/1667", intl: "1047/34372" },
        example: {
          GroupId: "@TGS#2EXAMPLEEL",
          Type: "Public",
          JoinType: "Invited",
          Operator_Account: "lan",
          NewMemberList: [{ Member_Account: "siti" }, { Member_Account: "budi" }],
          EventTime: 1718000004333,
        },
      },
      body: body({
        GroupId: groupId,
        Type: groupType,
        JoinType: maybe(word(["Apply", "Invited"], "Whether the accounts asked to join, or were added.")),
        Operator_Account: maybe(id("The account that joined, or that added the members.")),
        NewMemberList: members("The accounts that joined."),
        TopicId: topicId,
      }),
      conversation: group,
    }),

    command({
      name: "Group.CallbackAfterMemberExit",
      documentation: documented && {
        summary: "Members left a group, or were removed.",
        docs: { zh: "269/1668", intl: "1047/34373" },
        example: {
          GroupId: "@TGS#2EXAMPLEEL",
          Type: "Public",
          ExitType: "Kicked",
          Operator_Account: "lan",
          ExitMemberList: [{ Member_Account: "budi" }],
          EventTime: 1718000005444,
        },
      },
      body: body({
        GroupId: groupId,
        Type: groupType,
        ExitType: maybe(word(["Kicked", "Quit"], "Whether they were removed, or left.")),
        Operator_Account: maybe(id("The account that removed the members, or that left.")),
        ExitMemberList: members("The accounts that left."),
        TopicId: topicId,
      }),
      conversation: group,
    }),

    command({
      name: "Group.CallbackBeforeSendMsg",
      documentation: documented && {
        summary: "A message is about to be sent to a group: it may be refused, dropped or rewritten.",
        docs: { zh: "269/1619", intl: "1047/34374" },
        example: {
          GroupId: "@TGS#2EXAMPLEEL",
          Type: "Public",
          From_Account: "minh",
          Operator_Account: "minh",
          Random: 2904417751,
          MsgId: "144115190000000002-1718000006-2904417751",
          OnlineOnlyFlag: 0,
          MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "Meet at the north pier at eight" } }],
          CloudCustomData: '{"thread":"walk-12"}',
          EventTime: 1718000006555,
        },
      },
      body: body({ ...message, Random: maybe(random) }),
      conversation: group,
      answer: sending,
    }),

    command({
      name: "Group.CallbackAfterSendMsg",
      documentation: documented && {
        summary: "A message was sent to a group.",
        remarks:
          "A message that a verdict has rewritten comes as rewritten. Rooms of the live product send it with the Type Live.",
        docs: { zh: "269/2661", intl: "1047/34375" },
        example: {
          GroupId: "@TGS#_@TGS#cEXAMPLE62CJ",
          Type: "Community",
          From_Account: "minh",
          Operator_Account: "minh",
          Random: 2904417751,
          MsgSeq: 130,
          MsgId: "144115190000000002-1718000007-2904417751",
          MsgTime: 1718000007,
          OnlineOnlyFlag: 0,
          MsgBody: [
            { MsgType: "TIMTextElem", MsgContent: { Text: "Meet at the north pier at eight @siti" } },
          ],
          CloudCustomData: '{"thread":"walk-12"}',
          TopicId: "@TGS#_@TGS#cEXAMPLE62CJ@TOPIC#_Harbour",
          GroupAtInfo: [{ GroupAtAllFlag: 1 }, { GroupAtAllFlag: 0, GroupAt_Account: "siti" }],
          EventTime: 1718000007666,
        },
      },
      body: body({
        ...message,
        MsgSeq: maybe(seq),
        Random: maybe(random),
        MsgTime: maybe(integer("When it was sent, Unix seconds.")),
      }),
      identity: (body) =>
        (body.TopicId ?? "") === "" ? (sameMessage(body)?.concat("") ?? null) : sameMessageOfTopic(body),
      conversation: group,
    }),

    command({
      name: "Group.CallbackAfterGroupFull",
      documentation: documented && {
        summary: "A group has as many members as it may have.",
        docs: { zh: "269/1669", intl: "1047/34376" },
        example: {
          GroupId: "@TGS#2EXAMPLEEL",
          EventTime: 1718000009888,
        },
      },
      body: body({ GroupId: groupId, TopicId: topicId }),
      conversation: group,
    }),

    command({
      name: "Group.CallbackAfterGroupDestroyed",
      documentation: documented && {
        summary: "A group was disbanded.",
        docs: { zh: "269/1670", intl: "1047/34377" },
        example: {
          Operator_Account: "lan",
          GroupId: "@TGS#2EXAMPLEEL",
          Type: "Public",
          Owner_Account: "lan",
          Name: "Harbour walks",
          MemberList: [{ Member_Account: "lan" }, { Member_Account: "minh" }],
          EventTime: 1718000010999,
        },
      },
      body: body({
        Operator_Account: operator,
        GroupId: groupId,
        Type: groupType,
        Owner_Account: maybe(id("The former owner.")),
        Name: maybe(text("Its former name.")),
        MemberList: maybe(members("Its last members; not for a community.")),
      }),
      conversation: group,
    }),

    command({
      name: "Group.CallbackAfterGroupInfoChanged",
      documentation: documented && {
        summary: "A group's name, introduction, announcement or picture changed.",
        docs: { zh: "269/2930", intl: "1047/34378" },
        example: {
          GroupId: "@TGS#2EXAMPLEEL",
          Type: "Public",
          Operator_Account: "lan",
          Notification: "Bring a raincoat",
          EventTime: 1718000011222,
        },
      },
      body: body({ GroupId: groupId, Type: groupType, Operator_Account: operator, ...profile }),
      conversation: group,
    }),

    command({
      name: "Group.CallbackAfterRecallMsg",
      documentation: documented && {
        summary: "Messages of a group were recalled.",
        docs: { zh: "269/73141", intl: "1047/46979" },
        example: {
          Operator_Account: "lan",
          Type: "Community",
          GroupId: "@TGS#_@TGS#cEXAMPLE62CJ",
          MsgSeqList: [{ MsgSeq: 130 }, { MsgSeq: 131, MsgId: "144115200000000001-1670574414-29044177" }],
          TopicId: "@TGS#_@TGS#cEXAMPLE62CJ@TOPIC#_Harbour",
          EventTime: "1670574414123",
        },
      },
      body: body({
        Operator_Account: maybe(id("The account that recalled them.")),
        Type: groupType,
        GroupId: groupId,
        MsgSeqList: list(object({ MsgSeq: seq, MsgId: msgId }), "The recalled messages."),
        TopicId: topicId,
      }),
      conversation: group,
    }),

    command({
      name: "Group.CallbackOnMemberStateChange",
      documentation: documented && {
        summary: "Members of a live group came online or went offline.",
        docs: { zh: "269/76156", intl: "1047/48734" },
        example: {
          GroupId: "@TGS#aEXAMPLELIVE",
          EventType: "Online",
          EventCause: "Join",
          MemberList: [{ Member_Account: "viewer_31" }, { Member_Account: "viewer_32" }],
          EventTime: 1718000012333,
        },
      },
      body: body({
        GroupId: groupId,
        Type: groupType,
        EventType: maybe(word(["Online", "Offline"], "Which of the two.")),
        EventCause: maybe(
          word(
            ["Join", "Quit", "HeartbeatRecover", "HeartbeatInterrupt"],
            "How it came about: first entry, last exit, or the connection.",
          ),
        ),
        MemberList: members("The accounts whose state changed."),
      }),
      conversation: group,
    }),

    command({
      name: "Group.CallbackSendMsgException",
      documentation: documented && {
        summary: "A message could not be sent to a group.",
        remarks: "Bad requests trigger it too: the group that they name may not exist.",
        docs: { zh: "269/78619", intl: "1047/49462" },
        example: {
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
      },
      body: body({
        ...message,
        Random: random,
        ErrorCode: maybe(integer("Why it failed, as a group error code.")),
        ErrorInfo: maybe(text("Why it failed, in words.")),
      }),
      conversation: group,
    }),

    command({
      name: "Group.CallbackBeforeCreateTopic",
      documentation: documented && {
        summary: "A topic is about to be created in a community: it may be refused.",
        remarks: "The switch for group creation turns it on too. No page shows a field for the community.",
        docs: { zh: "269/78206", intl: "1047/49463" },
        example: {
          Operator_Account: "lan",
          Type: "Community",
          Name: "Harbour",
        },
      },
      body: body({
        Operator_Account: id("The account that asks for it."),
        Type: groupType,
        Name: maybe(text("Its future name.")),
        GroupId: maybe(id("The community; on no page.")),
      }),
      conversation: first(group, account("Operator_Account")),
      answer: creating,
    }),

    command({
      name: "Group.CallbackAfterCreateTopic",
      documentation: documented && {
        summary: "A topic was created in a community.",
        docs: { zh: "269/78207", intl: "1047/49464" },
        example: {
          GroupId: "@TGS#_@TGS#cEXAMPLE62CJ",
          TopicId: "@TGS#_@TGS#cEXAMPLE62CJ@TOPIC#_Harbour",
          Operator_Account: "lan",
          Owner_Account: "siti",
          Type: "Community",
          Name: "Harbour",
          UserDefinedDataList: [{ Key: "season", Value: "summer" }],
        },
      },
      body: body({
        GroupId: groupId,
        TopicId: text("The new topic."),
        Operator_Account: maybe(id("The account that created it.")),
        Owner_Account: maybe(id("The owner of the community.")),
        Type: groupType,
        Name: maybe(text("The topic's name.")),
        UserDefinedDataList: customFields,
      }),
      conversation: group,
    }),

    command({
      name: "Group.CallbackAfterTopicDestroyed",
      documentation: documented && {
        summary: "Topics of a community were deleted.",
        docs: { zh: "269/78208", intl: "1047/49465" },
        example: {
          GroupId: "@TGS#_@TGS#cEXAMPLE62CJ",
          Type: "Community",
          TopicIdList: ["@TGS#_@TGS#cEXAMPLE62CJ@TOPIC#_Harbour", "@TGS#_@TGS#cEXAMPLE62CJ@TOPIC#_Gear"],
        },
      },
      body: body({
        GroupId: groupId,
        Type: groupType,
        Operator_Account: operator,
        TopicIdList: orText(list(text("A topic."), "The deleted topics.")),
      }),
      conversation: group,
    }),

    command({
      name: "Group.CallbackAfterTopicInfoChanged",
      documentation: documented && {
        summary: "A topic's name, introduction, announcement or picture changed.",
        remarks: "No page shows a field for the topic.",
        docs: { zh: "269/78209", intl: "1047/49466" },
        example: {
          GroupId: "@TGS#_@TGS#cEXAMPLE62CJ",
          Type: "Community",
          Operator_Account: "lan",
          Name: "Harbour and piers",
          Introduction: "Where the boats are",
          Notification: "Maps only, please",
          FaceUrl: "https://img.example.org/t/7.png",
        },
      },
      body: body({
        GroupId: groupId,
        TopicId: topicId,
        Type: groupType,
        Operator_Account: operator,
        ...profile,
      }),
      conversation: group,
    }),

    command({
      name: "Group.CallbackAfterMemberFieldChanged",
      documentation: documented && {
        summary: "A member's role or name card changed.",
        docs: { zh: "269/105353", intl: "1047/60393" },
        example: {
          GroupId: "@TGS#2EXAMPLEEL",
          Type: "Public",
          Operator_Account: "lan",
          Modified_Account: "minh",
          Role: "Admin",
          NameCard: "Minh (guide)",
          EventTime: "1718000014555",
        },
      },
      body: body({
        GroupId: groupId,
        Type: groupType,
        Operator_Account: operator,
        Member_Account: maybe(id("The member; the name on the international pages.")),
        Modified_Account: maybe(id("The member; the name on the Chinese page.")),
        Role: maybe(word(["Admin", "Member"], "The new role.")),
        NameCard: maybe(text("The new name card.")),
      }),
      conversation: group,
    }),

    command({
      name: "Group.CallbackAfterGroupAttrChanged",
      documentation: documented && {
        summary: "Attributes of a group were set, reset, deleted or cleared.",
        docs: { zh: "269/105354", intl: "1047/60394" },
        example: {
          GroupId: "@TGS#2EXAMPLEEL",
          Type: "Public",
          Operator_Account: "lan",
          OptionType: "modify",
          GroupAttr: [
            { key: "tide", value: "high" },
            { key: "pinned", value: "418" },
          ],
          EventTime: "1718000015666",
        },
      },
      body: body({
        GroupId: groupId,
        Type: groupType,
        Operator_Account: operator,
        OptionType: maybe(
          word(["set", "modify", "clear", "delete"], "The operation; set replaces all attributes."),
        ),
        GroupAttr: maybe(
          list(
            object({ key: maybe(text("The attribute's name.")), value: maybe(text("Its value.")) }),
            "The attributes concerned; key and value are in lower case here.",
          ),
        ),
      }),
      conversation: group,
    }),

    command({
      name: "Group.CallbackAfterReadReceipt",
      documentation: documented && {
        summary: "Messages of a group were sent with read receipts, or read.",
        docs: { zh: "269/105355", intl: "1047/60395" },
        example: {
          GroupId: "@TGS#2EXAMPLEEL",
          Type: "Public",
          GroupMsgReceiptList: [
            {
              MsgSeq: 130,
              ReadNum: 2,
              UnreadNum: 9,
              ReadReceiptMembers: [{ Member_Account: "siti" }, { Member_Account: "budi" }],
            },
            { MsgSeq: 131, ReadNum: 0, UnreadNum: 11 },
          ],
          EventTime: "1718000016777",
        },
      },
      body: body({
        GroupId: groupId,
        Type: groupType,
        GroupMsgReceiptList: list(
          object({
            MsgSeq: seq,
            ReadNum: maybe(integer("How many have read it.")),
            UnreadNum: maybe(integer("How many have not.")),
            ReadReceiptMembers: maybe(members("The account that has read it.")),
          }),
          "The messages concerned.",
        ),
      }),
      conversation: group,
    }),

    command({
      name: "Group.CallbackAfterChangeGroupOwner",
      documentation: documented && {
        summary: "A group has a new owner.",
        docs: { zh: "269/105356", intl: "1047/60396" },
        example: {
          GroupId: "@TGS#2EXAMPLEEL",
          Type: "Public",
          Operator_Account: "lan",
          OldOwner_Account: "lan",
          NewOwner_Account: "minh",
          EventTime: "1718000017888",
        },
      },
      body: body({
        GroupId: groupId,
        Type: groupType,
        Operator_Account: operator,
        OldOwner_Account: maybe(id("The former owner.")),
        NewOwner_Account: id("The new owner."),
      }),
      conversation: group,
    }),

    command({
      name: "Group.CallbackOnDailyGroupQuotaAlarm",
      documentation: documented && {
        summary: "The app has used 70 % of the groups that it may create today.",
        docs: { zh: "269/90841", intl: "1047/57455" },
        example: {
          QuotaUsed: 7123,
          Quota: 10000,
          EventTime: "1718000018999",
        },
      },
      body: body({
        QuotaUsed: maybe(integer("Groups created today, without the disbanded ones.")),
        Quota: maybe(integer("How many it may create in a day.")),
      }),
      conversation: none,
    }),

    command({
      name: "Group.CallbackAfterGroupMsgExtension",
      documentation: documented && {
        summary: "Extensions of a group's message were set, deleted or cleared.",
        docs: { zh: "269/126476", intl: "1047/76007" },
        example: {
          GroupId: "@TGS#2EXAMPLEEL",
          MsgSeq: 130,
          OperateType: 1,
          ExtensionList: [
            { Key: "pier_1", Value: "3", Seq: 12 },
            { Key: "pier_2", Value: "5", Seq: 12 },
          ],
          Seq: 12,
          EventTime: 1718000019111,
        },
      },
      body: body({
        GroupId: groupId,
        MsgSeq: seq,
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
      conversation: group,
    }),

    command({
      name: "Group.CallbackAfterModifyMsg",
      documentation: documented && {
        summary: "A group's message was edited.",
        docs: { zh: "269/129193", intl: null },
        example: {
          Operator_Account: "minh",
          GroupId: "@TGS#_@TGS#cEXAMPLE62CJ",
          TopicId: "@TGS#_@TGS#cEXAMPLE62CJ@TOPIC#_Harbour",
          MsgSeq: 130,
          MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "Meet at the south pier at nine" } }],
          EventTime: 1718000020222,
        },
      },
      body: body({
        Operator_Account: maybe(id("The account that edited it.")),
        GroupId: groupId,
        Type: groupType,
        TopicId: topicId,
        MsgSeq: seq,
        MsgBody: maybe(msgBody),
        CloudCustomData: customData,
      }),
      conversation: group,
    }),
  ];
}
