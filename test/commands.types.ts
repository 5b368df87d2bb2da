/**
 * Checked by the compiler, not run. These are expressions that a receiver of events may and may not write. The
 * generated types must also agree with the schemas.
 */

import type {
  CloudEvent,
  CommandName,
  Commands,
  Envelope,
  Event,
  GroupAfterSendMsg,
  MicAfterSeatInfoChanged,
  Question,
  Verdicts,
} from "tim-relay/commands";
import type { botCommands } from "../src/callback/commands/bot.ts";
import type { c2cCommands } from "../src/callback/commands/c2c.ts";
import type { callCommands } from "../src/callback/commands/call.ts";
import type { followCommands } from "../src/callback/commands/follow.ts";
import type { groupCommands } from "../src/callback/commands/group.ts";
import type { liveCommands } from "../src/callback/commands/live.ts";
import type { moderationCommands } from "../src/callback/commands/moderation.ts";
import type { officialAccountCommands } from "../src/callback/commands/official-account.ts";
import type { operationsCommands } from "../src/callback/commands/operations.ts";
import type { profileCommands } from "../src/callback/commands/profile.ts";
import type { pushCommands } from "../src/callback/commands/push.ts";
import type { roomCommands } from "../src/callback/commands/room.ts";
import type { snsCommands } from "../src/callback/commands/sns.ts";
import type { stateCommands } from "../src/callback/commands/state.ts";
import type { RelayBody, RelayEventName } from "../src/callback/relay-events.ts";

export function aReceiver(event: Event): string | number | undefined {
  switch (event.type) {
    case "Group.CallbackAfterSendMsg": {
      const message: GroupAfterSendMsg = event.data;
      const [element] = message.MsgBody ?? [];
      // @ts-expect-error: a custom element has no text
      if (element?.MsgType === "TIMCustomElem") return element.MsgContent.Text;
      if (element?.MsgType === "TIMTextElem") return element.MsgContent.Text;
      return message.GroupId;
    }
    case "Sns.CallbackFriendAdd":
      // @ts-expect-error: friends have no group
      event.data.GroupId;
      return event.data.PairList[0]?.To_Account;
    case "Group.CallbackAfterRecallMsg":
      // @ts-expect-error: a sequence number is documented as a number
      return event.data.MsgSeqList[0]?.MsgSeq.trim();
    case "Push.OfflinePush":
      // @ts-expect-error: the batch is a list
      return event.data.Events.To_Account;
    // @ts-expect-error: there is no such command
    case "Group.CallbackAfterSendMessage":
      return undefined;
    default:
      return event.id;
  }
}

export const recall: Envelope<"Group.CallbackAfterRecallMsg"> = {
  type: "Group.CallbackAfterRecallMsg",
  timestamp: "2026-03-01T08:00:00.000Z",
  id: "e1",
  app: "1400000000",
  clientIp: "203.0.113.7",
  platform: null,
  data: { GroupId: "@TGS#2EXAMPLEEL", MsgSeqList: [{ MsgSeq: 130 }], EventTime: "1670574414123" },
};

export const aWordThatTencentMayAdd: Commands["Group.CallbackAfterMemberExit"] = {
  GroupId: "@TGS#2EXAMPLEEL",
  ExitType: "Vanished",
  ExitMemberList: [],
};

// @ts-expect-error: MsgSeqList is missing
export const incomplete: Commands["Group.CallbackAfterRecallMsg"] = { GroupId: "@TGS#2EXAMPLEEL" };

export const wrong: Commands["Group.CallbackAfterRecallMsg"] = {
  GroupId: "@TGS#2EXAMPLEEL",
  // @ts-expect-error: a text is no sequence number
  MsgSeqList: [{ MsgSeq: "130" }],
};

export function aSubject(event: CloudEvent): string | number | undefined {
  if (event.type === "State.StateChange") return event.data.Info.To_Account;
  // @ts-expect-error: a CloudEvent has a time, not a timestamp
  event.timestamp;
  return event.subject;
}

export function aModerator(question: Question): Verdicts[typeof question.type] {
  switch (question.type) {
    case "Sns.CallbackPrevFriendAdd": {
      const ResultItem = question.data.FriendItem.map(({ To_Account }) => ({
        To_Account,
        ResultCode: 38000,
      }));
      const verdict: Verdicts[typeof question.type] = { ErrorCode: 0, ResultItem };
      return verdict;
    }
    // @ts-expect-error: Tencent does not read the answer to it
    case "Group.CallbackAfterSendMsg":
      return { ErrorCode: 0 };
    default:
      return { ErrorCode: 1 };
  }
}

export const masked: Verdicts["Group.CallbackBeforeSendMsg"] = {
  ErrorCode: 0,
  MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "***" } }],
};

// @ts-expect-error: every friend has a verdict of their own
export const forNobody: Verdicts["Sns.CallbackPrevFriendAdd"] = { ErrorCode: 0 };

// @ts-expect-error: 2 is no answer to it
export const notAllowed: Verdicts["Chatbot.OnC2CSignalMessage"] = { ErrorCode: 2 };

/** A text where the number is too large for one. */
export const seated: MicAfterSeatInfoChanged["SeatList"] = [
  { Index: 0, Member_Account: 42 },
  { Index: 1, Member_Account: "144115200000000001" },
];

type Defined =
  | ReturnType<typeof stateCommands>[number]
  | ReturnType<typeof profileCommands>[number]
  | ReturnType<typeof snsCommands>[number]
  | ReturnType<typeof followCommands>[number]
  | ReturnType<typeof c2cCommands>[number]
  | ReturnType<typeof groupCommands>[number]
  | ReturnType<typeof officialAccountCommands>[number]
  | ReturnType<typeof botCommands>[number]
  | ReturnType<typeof moderationCommands>[number]
  | ReturnType<typeof pushCommands>[number]
  | ReturnType<typeof callCommands>[number]
  | ReturnType<typeof liveCommands>[number]
  | ReturnType<typeof roomCommands>[number]
  | ReturnType<typeof operationsCommands>[number];

/** The bodies that the schemas accept, by the name of the command. */
type Accepted = {
  [Definition in Defined as Definition["name"]]: Definition["example"];
} & { [Name in RelayEventName]: RelayBody<Name> };

export const example: Accepted["Group.CallbackAfterRecallMsg"] = {
  GroupId: "@TGS#2EXAMPLEEL",
  MsgSeqList: [{ MsgSeq: 130 }],
  EventTime: 1670574414123,
};

export const wrongExample: Accepted["Group.CallbackAfterRecallMsg"] = {
  GroupId: "@TGS#2EXAMPLEEL",
  // @ts-expect-error: an example is held against its schema
  MsgSeqList: [{ MsgSeq: "130" }],
};

/** Without the names of interfaces, which keep a type from having further fields. */
type Plain<T> = T extends string ? T : T extends object ? { [Key in keyof T]: Plain<T[Key]> } : T;

/** The names of the commands whose generated type the schema would not accept: none. */
type Misdescribed = {
  [Name in CommandName]: Plain<Commands[Name]> extends Accepted[Name] ? never : Name;
}[CommandName];

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

export const everyCommandIsTyped: Same<CommandName, keyof Accepted> = true;
export const everyTypeFits: Same<Misdescribed, never> = true;
