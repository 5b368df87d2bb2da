/** Live rooms: a product of its own on the same protocol. Most of its URLs have no ClientIP and no OptPlatform. */

import type { AnswerSpec } from "../answer.ts";
import { command } from "../command.ts";
import { first, group, groupIn, none, room, within } from "../conversation.ts";
import { documented } from "../documented.ts";
import {
  anything,
  body,
  code,
  flag,
  id,
  integer,
  list,
  maybe,
  members,
  numberOrText,
  object,
  operator,
  orText,
  text,
  word,
} from "../field.ts";
import { recordingEvent } from "../recording.ts";
import { lastProfile, liveRoom } from "../room-info.ts";

const roomId = id("The room.");
const battleId = text("The battle; may hold +, / and =.");
const host = maybe(id("Its host."));
const score = maybe(integer("Its score."));

const giving: AnswerSpec = {
  codes: [[-2147483648, 2147483647]],
  refusal: 1,
  note: "Any code but 0 refuses; one of 102100 to 102200 reaches the sender.",
  fields: {},
};

/** The room that challenged: an object, or a text in Tencent's tables. */
const challenger = first(within("FromRoomInfo", room), groupIn("FromRoomInfo"));

export function liveCommands() {
  return [
    command({
      name: "Live.CallbackAfterCreateRoom",
      documentation: documented && {
        summary: "A live room was created.",
        docs: { zh: "647/110523", intl: "647/64422" },
        example: {
          Operator_Account: "lan",
          RoomInfo: {
            RoomId: "live_lan_0412",
            RoomName: "Boats at dusk",
            RoomType: "Live",
            Owner_Account: "lan",
            MaxMemberCount: 2000,
            IsMessageDisabled: false,
            CustomInfo: '{"lang":"vi"}',
            IsSeatEnabled: true,
            TakeSeatMode: "FreeToTake",
            MaxSeatCount: 6,
            CreateTime: 1763702801,
            IsPublicVisible: true,
            CoverURL: "https://img.example.org/c/0412.webp",
            Category: [7],
          },
          EventTime: 1763702801412,
        },
      },
      body: body({ Operator_Account: operator, RoomInfo: liveRoom }),
      conversation: within("RoomInfo", room),
    }),

    command({
      name: "Live.CallbackAfterDestroyRoom",
      documentation: documented && {
        summary: "A live room was closed.",
        remarks: "Members still inside get no event of their own.",
        docs: { zh: "647/110524", intl: "647/64423" },
        example: {
          Operator_Account: "lan",
          RoomId: "live_lan_0412",
          EventType: "DestroyByUser",
          EventTime: 1763709901377,
          RoomInfo: {
            RoomName: "Boats at dusk",
            RoomType: "Live",
            Owner_Account: "lan",
            IsSeatEnabled: true,
            TakeSeatMode: "FreeToTake",
            MaxMemberCount: 2000,
            MaxSeatCount: 6,
            Category: [7],
            CustomInfo: '{"lang":"vi"}',
            IsMessageDisabled: false,
            CoverURL: "https://img.example.org/c/0412.webp",
            ActivityStatus: 2,
            IsPublicVisible: true,
            ViewCount: 318,
            BackgroundURL: "",
            IsUnlimitedRoomEnabled: true,
          },
          Statistic: {
            TotalViewers: 318,
            TotalGiftsSent: 41,
            TotalGiftCoins: 2650,
            TotalUniqueGiftSenders: 17,
            TotalLikesReceived: 904,
          },
        },
      },
      body: body({
        Operator_Account: maybe(id("The account that closed it; @TIM#SYSTEM for the system.")),
        RoomId: roomId,
        EventType: maybe(
          word(["DestroyByUser", "DestroyBySystem"], "Whether a user closed it, or the system an empty one."),
        ),
        RoomInfo: maybe(lastProfile),
        Statistic: maybe(
          object(
            {
              TotalViewers: maybe(integer("How often users came in.")),
              TotalGiftsSent: maybe(integer("Gifts sent.")),
              TotalGiftCoins: maybe(integer("Their total value.")),
              TotalUniqueGiftSenders: maybe(integer("Users who sent gifts.")),
              TotalLikesReceived: maybe(integer("Likes received.")),
            },
            "Totals of the whole show.",
          ),
        ),
      }),
      conversation: room,
    }),

    command({
      name: "Live.CallbackAfterUpdateRoomInfo",
      documentation: documented && {
        summary: "A live room's profile changed.",
        remarks: "The documentation does not say whether it holds the whole profile or the changes only.",
        docs: { zh: "647/115659", intl: "647/67938" },
        example: {
          Operator_Account: "lan",
          RoomInfo: {
            RoomId: "live_lan_0412",
            RoomName: "Boats at night",
            MaxMemberCount: 2500,
            IsMessageDisabled: true,
            CoverURL: "https://img.example.org/c/0412b.webp",
            Category: [7, 12],
            ActivityStatus: 2,
            IsPublicVisible: true,
            TakeSeatMode: "ApplyToTake",
            CustomInfo: '{"lang":"vi","part":2}',
          },
          EventTime: 1763704210058,
        },
      },
      body: body({ Operator_Account: operator, RoomInfo: liveRoom }),
      conversation: within("RoomInfo", room),
    }),

    command({
      name: "Live.CallbackAfterSetMetadata",
      documentation: documented && {
        summary: "Metadata of a live room was set.",
        remarks:
          "A page prints this name in the URL of a deletion: a body with Keys and without Metadata is a deletion.",
        docs: { zh: "647/116310", intl: "647/68222" },
        example: {
          Operator_Account: "lan",
          RoomId: "live_lan_0412",
          Metadata: [
            { Key: "topic", Value: "harbour at dusk" },
            { Key: "poll", Value: '{"open":true}' },
          ],
          EventTime: 1763703377219,
        },
      },
      body: body({
        Operator_Account: operator,
        RoomId: roomId,
        Metadata: maybe(
          list(
            object({ Key: maybe(text("The entry's name.")), Value: maybe(text("Its value.")) }),
            "The entries that were set.",
          ),
        ),
        Keys: maybe(list(text("An entry's name."), "The entries that were deleted.")),
      }),
      conversation: room,
    }),

    command({
      name: "Live.CallbackAfterDelMetadata",
      documentation: documented && {
        summary: "Metadata of a live room was deleted.",
        docs: { zh: "647/116311", intl: "647/68223" },
        example: {
          Operator_Account: "lan",
          RoomId: "live_lan_0412",
          Keys: ["poll"],
          EventTime: 1763703999004,
        },
      },
      body: body({
        Operator_Account: operator,
        RoomId: roomId,
        Keys: maybe(list(text("An entry's name."), "The entries that were deleted.")),
      }),
      conversation: room,
    }),

    command({
      name: "Live.CallbackAfterCreateRoomReachingThreshold",
      documentation: documented && {
        summary: "The app has 70 % of the live rooms that it may have.",
        docs: { zh: "647/119913", intl: "647/70485" },
        example: {
          Operator_Account: "minh",
          CurRoomCount: 71,
          MaxRoomCount: 100,
          EventTime: 1763710444871,
        },
      },
      body: body({
        Operator_Account: maybe(id("The account that created the room.")),
        CurRoomCount: maybe(numberOrText("Rooms that exist now; a number in the samples.")),
        MaxRoomCount: maybe(anything("Rooms that may exist; a number in the samples, a list in the table.")),
      }),
      conversation: none,
    }),

    command({
      name: "Live.CallbackAfterMemberStateChanged",
      documentation: documented && {
        summary: "Members of a live room came or went.",
        remarks: "One page spells its URL Live.CallbackMemberStateChanged: both names are accepted.",
        docs: { zh: "647/110526", intl: "647/64424" },
        example: {
          RoomId: "live_lan_0412",
          EventType: "Offline",
          EventCause: "HeartbeatInterrupt",
          MemberList: [{ Member_Account: "minh" }, { Member_Account: "siti" }],
          EventTime: 1763703120733,
        },
      },
      body: body({
        RoomId: roomId,
        EventType: maybe(word(["Online", "Offline"], "Which of the two.")),
        EventCause: maybe(
          word(
            ["Enter", "Leave", "HeartbeatInterrupt", "HeartbeatRecover", "Kicked"],
            "How it came about; a lost heartbeat shows after 90 to 110 seconds.",
          ),
        ),
        MemberList: members("The accounts whose state changed."),
      }),
      conversation: room,
    }),

    command({
      name: "Live.CallbackAfterChangeOwner",
      documentation: documented && {
        summary: "A live room has a new host.",
        docs: { zh: "647/122445", intl: "647/72553" },
        example: {
          RoomId: "live_lan_0412",
          Operator_Account: "lan",
          CurrentOwner_Account: "minh",
          OriginalOwner_Account: "lan",
          EventTime: 1763705518640,
        },
      },
      body: body({
        RoomId: roomId,
        Operator_Account: operator,
        CurrentOwner_Account: id("The host now."),
        OriginalOwner_Account: maybe(id("The host before.")),
      }),
      conversation: room,
    }),

    command({
      name: "Live.CallbackAfterModifyAdmin",
      documentation: documented && {
        summary: "A live room's administrators changed.",
        docs: { zh: "647/122446", intl: "647/72554" },
        example: {
          RoomId: "live_lan_0412",
          Operator_Account: "lan",
          Admin_Account: ["siti"],
          opType: "add",
          EventTime: 1763705777325,
        },
      },
      body: body({
        RoomId: roomId,
        Operator_Account: operator,
        Admin_Account: list(id("An account."), "The accounts that were added or removed."),
        opType: maybe(word(["add", "delete"], "Which of the two; a small o here.")),
      }),
      conversation: room,
    }),

    command({
      name: "Mic.CallbackAfterSeatInfoChanged",
      documentation: documented && {
        summary: "A room's seats changed.",
        remarks:
          "The live and the conference product both send it. The documentation does not say whether it holds every seat or the changed ones only.",
        docs: { zh: "647/110684", intl: "647/64425" },
        example: {
          RoomId: "live_lan_0412",
          SeatList: [
            {
              Index: 0,
              Member_Account: "lan",
              IsTakenDisabled: false,
              IsVideoDisabled: false,
              IsAudioDisabled: false,
            },
            { Index: 3, IsTakenDisabled: true, IsVideoDisabled: true, IsAudioDisabled: true },
          ],
          EventTime: 1763703555190,
        },
      },
      body: body({
        Operator_Account: operator,
        RoomId: roomId,
        SeatList: maybe(
          list(
            object({
              Index: maybe(integer("The seat's number.")),
              Member_Account: maybe(id("The account on the seat; missing for a free seat.")),
              IsTakenDisabled: maybe(flag("Whether it is locked.")),
              IsVideoDisabled: maybe(flag("Whether it may not send video.")),
              IsAudioDisabled: maybe(flag("Whether it may not send sound.")),
            }),
            "The seats.",
          ),
        ),
      }),
      conversation: room,
    }),

    command({
      name: "Live.CallbackAfterCreateBattle",
      documentation: documented && {
        summary: "A live room challenged other rooms to a battle.",
        docs: { zh: "269/117721", intl: "647/68259" },
        example: {
          Operator_Account: "lan",
          BattleId: "bT9x2LkQ+f0Z7/uYdw3m5A==",
          FromRoomId: "live_lan_0412",
          ToRoomIdList: ["live_minh_0977", "live_siti_0031"],
          Timeout: 15000,
          Duration: 180000,
          NeedResponse: true,
          ExtensionInfo: '{"stake":"none"}',
          EventTime: 1763706600481,
        },
      },
      body: body({
        Operator_Account: operator,
        BattleId: battleId,
        FromRoomId: id("The room that challenges."),
        ToRoomIdList: maybe(list(id("A room."), "The rooms that are challenged.")),
        Timeout: maybe(integer("How long they may take to answer, milliseconds.")),
        Duration: maybe(integer("How long the battle is to last, milliseconds.")),
        NeedResponse: maybe(flag("Whether they must agree first; else it begins at once.")),
        ExtensionInfo: maybe(text("The app's own data.")),
      }),
      conversation: groupIn("FromRoomId"),
    }),

    command({
      name: "Live.CallbackAfterStartBattle",
      documentation: documented && {
        summary: "A battle between live rooms began.",
        docs: { zh: "269/117554", intl: "647/68260" },
        example: {
          BattleId: "bT9x2LkQ+f0Z7/uYdw3m5A==",
          Duration: 180000,
          CreateTime: 1763706600,
          StartTime: 1763706609,
          FromRoomInfo: { RoomId: "live_lan_0412", Owner_Account: "lan" },
          ToRoomList: [{ RoomId: "live_minh_0977", Owner_Account: "minh" }],
          EventTime: 1763706609215,
        },
      },
      body: body({
        BattleId: battleId,
        Duration: maybe(integer("How long it is to last, milliseconds.")),
        CreateTime: maybe(integer("When it was created, Unix seconds.")),
        StartTime: maybe(integer("When it began, Unix seconds.")),
        FromRoomInfo: maybe(
          orText(object({ RoomId: maybe(roomId), Owner_Account: host }, "The room that challenged.")),
        ),
        ToRoomList: maybe(
          list(object({ RoomId: maybe(roomId), Owner_Account: host }), "The rooms on the other side."),
        ),
      }),
      conversation: challenger,
    }),

    command({
      name: "Live.CallbackAfterEndBattle",
      documentation: documented && {
        summary: "A battle between live rooms ended.",
        docs: { zh: "269/117555", intl: "647/68261" },
        example: {
          BattleId: "bT9x2LkQ+f0Z7/uYdw3m5A==",
          Duration: 180000,
          CreateTime: 1763706600,
          StartTime: 1763706609,
          EndTime: 1763706789,
          OpType: 0,
          FromRoomInfo: { RoomId: "live_lan_0412", Score: 1240, Owner_Account: "lan" },
          ToRoomList: [{ RoomId: "live_minh_0977", Score: 985, Owner_Account: "minh" }],
          EventTime: 1763706789642,
        },
      },
      body: body({
        BattleId: battleId,
        Duration: maybe(integer("How long it was to last, milliseconds.")),
        CreateTime: maybe(integer("When it was created, Unix seconds.")),
        StartTime: maybe(integer("When it began, Unix seconds; not for one that never did.")),
        EndTime: maybe(integer("When it ended, Unix seconds.")),
        OpType: maybe(
          code("How it ended", {
            0: "time was up",
            1: "all hosts left",
            2: "it never began: no host joined",
          }),
        ),
        FromRoomInfo: maybe(
          orText(
            object({ RoomId: maybe(roomId), Score: score, Owner_Account: host }, "The room that challenged."),
          ),
        ),
        ToRoomList: maybe(
          list(
            object({ RoomId: maybe(roomId), Score: score, Owner_Account: host }),
            "The rooms on the other side.",
          ),
        ),
      }),
      conversation: challenger,
    }),

    command({
      name: "Live.CallbackBeforeSendGift",
      documentation: documented && {
        summary: "A gift is about to be sent in a live room: it may be refused.",
        remarks:
          "Without an answer in time the gift is blocked, while other commands go on. No field identifies the gift.",
        docs: { zh: "647/121916", intl: "647/72210" },
        example: {
          Operator_Account: "siti",
          RoomId: "live_lan_0412",
          GiftWater: {
            From_Account: "siti",
            To_Account: ["lan"],
            Time: 1763704870,
            GiftId: "paper_boat",
            Count: 3,
            Coins: 25,
          },
        },
      },
      body: body({
        Operator_Account: operator,
        RoomId: roomId,
        GiftWater: object(
          {
            From_Account: id("The account that gives."),
            To_Account: maybe(list(id("An account."), "The accounts that receive it.")),
            Time: maybe(integer("When, Unix seconds.")),
            GiftId: maybe(text("Which gift.")),
            Count: maybe(integer("How many.")),
            Coins: maybe(integer("The price of one.")),
          },
          "The gift.",
        ),
      }),
      conversation: room,
      answer: giving,
    }),

    command({
      name: "Live.CallbackBeforeCallBackNotBlock",
      documentation: documented && {
        summary: "A switch that lets gifts pass when no verdict comes; whether it is ever sent is not known.",
        docs: { zh: "647/121916", intl: "647/72210" },
        example: {},
      },
      nameOnly: true,
      body: body({ RoomId: maybe(anything("A room, presumably.")) }),
      conversation: first(group, room),
      answer: {
        codes: [0, 1],
        refusal: 1,
        note: "Not known; taken to be as for gifts.",
        fields: {},
      },
    }),

    command({
      name: "Live.CallbackAfterCloudRecordingChanged",
      documentation: documented && {
        summary: "The recording of a live room started, ended or was stored.",
        remarks:
          "The international page calls it Follow.CallbackAfterCloudRecordingChanged: both names are accepted.",
        docs: { zh: "269/129603", intl: "647/78428" },
        example: {
          EventGroupId: 3,
          EventType: 311,
          CallbackTs: 1763710530911,
          EventInfo: {
            RoomId: "live_lan_0412",
            EventTs: 1763710530,
            EventMsTs: 1763710530874,
            UserId: "recorder_2",
            TaskId: "-kX7-example-task",
            Payload: {
              Status: 0,
              TencentVod: {
                UserId: "lan",
                TrackType: "audio_video",
                MediaId: "main",
                FileId: "5285890812345678901",
                VideoUrl: "https://vod.example.org/0412/f0.mp4",
                CacheFile: "live_lan_0412_main.mp4",
                StartTimeStamp: 1763702805120,
                EndTimeStamp: 1763709901050,
              },
            },
          },
        },
      },
      body: body(recordingEvent),
      conversation: within("EventInfo", room),
    }),
  ];
}
