/** Push notifications and their results. Commands come in batches, and count time in seconds. */

import { command } from "../command.ts";
import { none } from "../conversation.ts";
import { documented } from "../documented.ts";
import { code, id, integer, maybe, nonEmptyList, object, text } from "../field.ts";

const vendors = {
  0: "unknown",
  1: "Apple",
  2: "Xiaomi",
  3: "Huawei",
  4: "Google",
  5: "Meizu",
  6: "OPPO",
  7: "vivo",
  8: "Honor",
};

const result = {
  CallbackCommand: maybe(text("The command, as in the URL.")),
  EventTime: maybe(integer("When it happened, Unix seconds.")),
  To_Account: id("The receiver."),
  PushPlatform: maybe(code("The vendor that delivers it", vendors)),
  PushStage: maybe(code("How far it got", { 1: "sent", 2: "on the device", 3: "clicked" })),
  ErrCode: maybe(integer("0 for success; ErrCode here, ErrorCode elsewhere.")),
  ErrInfo: maybe(text("The same in words; may be empty.")),
};

export function pushCommands() {
  return [
    command({
      name: "Push.OfflinePush",
      documentation: documented && {
        summary: "Pushes of messages were sent, delivered or clicked: up to 100 of them.",
        docs: { zh: "269/102567", intl: "1047/67552" },
        example: {
          Events: [
            {
              CallbackCommand: "Push.OfflinePush",
              EventType: 1,
              EventTime: 1763702741,
              From_Account: "lan",
              To_Account: "minh",
              PushPlatform: 4,
              PushStage: 2,
              MsgKey: "4711_3021984477_1763700050",
              MsgSeq: 4711,
              MsgRandom: 3021984477,
              MsgTime: 1763700050,
              PushID: "68f1a2b3_1c0ffee0_5d1e77aa",
              ErrCode: 0,
              ErrInfo: "OK",
            },
            {
              CallbackCommand: "Push.OfflinePush",
              EventType: 2,
              EventTime: 1763702742,
              From_Account: "lan",
              To_Account: "siti",
              PushPlatform: 1,
              PushStage: 1,
              GroupID: "@TGS#2EXAMPLEEL",
              MsgSeq: 412,
              MsgTime: 1763702735,
              PushID: "68f1a2b4_22_9ab3cd01",
              ErrCode: 20001,
              ErrInfo: "token expired",
            },
          ],
        },
      },
      body: object({
        Events: nonEmptyList(
          object({
            ...result,
            EventType: maybe(code("The kind of message", { 1: "one-to-one", 2: "group" })),
            From_Account: maybe(id("The account that sent the message.")),
            MsgKey: maybe(text("A one-to-one message's key.")),
            GroupID: maybe(id("The group; a capital D here.")),
            MsgSeq: integer("The message's sequence number."),
            MsgRandom: maybe(integer("The message's random number.")),
            MsgTime: maybe(integer("When the message was sent, Unix seconds.")),
            PushID: maybe(text("The push; since about 2025.")),
          }),
          "The results of 1 to 100 pushes.",
        ),
      }),
      conversation: none,
    }),

    command({
      name: "Push.AllMemberPush",
      documentation: documented && {
        summary:
          "Pushes of a task (to all, to a tag, to one) were sent, delivered or clicked: up to 100 of them.",
        docs: { zh: "269/102568", intl: "1047/67551" },
        example: {
          Events: [
            {
              CallbackCommand: "Push.AllMemberPush",
              EventType: 1,
              TaskId: "batch_68f1a2c0_77aa",
              DataId: "summer-timetable",
              TaskTime: 1763702750,
              EventTime: 1763702752,
              To_Account: "lan",
              PushPlatform: 3,
              DeviceType: 3,
              PushStage: 1,
              ErrCode: 0,
              ErrInfo: "OK",
            },
            {
              CallbackCommand: "Push.AllMemberPush",
              EventType: 2,
              TaskId: "batch_68f1a2c0_77aa",
              TaskTime: 1763702750,
              EventTime: 1763702753,
              To_Account: "minh",
              PushPlatform: 0,
              PushStage: 1,
              ErrCode: 0,
            },
          ],
        },
      },
      body: object({
        Events: nonEmptyList(
          object({
            ...result,
            EventType: maybe(code("The kind of push", { 1: "offline", 2: "online" })),
            TaskId: text("The task."),
            DataId: maybe(text("The app's own id of it.")),
            TaskTime: maybe(integer("When the task began, Unix seconds.")),
            DeviceType: maybe(code("The vendor of the device", vendors)),
          }),
          "The results of 1 to 100 pushes.",
        ),
      }),
      conversation: none,
    }),
  ];
}
