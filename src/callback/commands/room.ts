/** Conference rooms: a product of its own on the same protocol. */

import { command } from "../command.ts";
import { room, within } from "../conversation.ts";
import { documented } from "../documented.ts";
import { body, id, integer, list, maybe, operator, text, word } from "../field.ts";
import { conferenceRoom } from "../room-info.ts";

const roomId = id("The room.");
const count = maybe(integer("How many are in it now."));

export function roomCommands() {
  return [
    command({
      name: "Room.CallbackAfterCreateRoom",
      documentation: documented && {
        summary: "A conference room was created.",
        docs: { zh: null, intl: "647/60733" },
        example: {
          Operator_Account: "administrator",
          RoomInfo: {
            RoomId: "room_pier_3",
            RoomName: "Timetable meeting",
            RoomType: "Meeting",
            Owner_Account: "siti",
            MaxMemberCount: 300,
            MaxSeatCount: 16,
            IsVideoDisabled: true,
            IsAudioDisabled: false,
            IsMessageDisabled: false,
            IsScreenSharingDisabled: true,
            IsCloudRecordingDisabled: true,
            CustomInfo: "pier 3",
            ScheduleStartTime: 1763703600,
            ScheduleEndTime: 1763707200,
            RoomStatus: "Running",
            IsSeatEnabled: true,
            TakeSeatMode: "ApplyToTake",
            CreateTime: 1763702922,
          },
          ScheduleInviteeList_Account: ["lan", "minh"],
          EventTime: 1763702922780,
        },
      },
      body: body({
        Operator_Account: operator,
        RoomInfo: conferenceRoom,
        ScheduleInviteeList_Account: maybe(list(id("An account."), "The accounts that are invited.")),
      }),
      conversation: within("RoomInfo", room),
    }),

    command({
      name: "Room.CallbackAfterDestroyRoom",
      documentation: documented && {
        summary: "A conference room was closed.",
        docs: { zh: null, intl: "647/60732" },
        example: {
          Operator_Account: "siti",
          RoomId: "room_pier_3",
          EventTime: 1763707300780,
        },
      },
      body: body({ Operator_Account: operator, RoomId: roomId }),
      conversation: room,
    }),

    command({
      name: "Room.CallbackAfterUpdateRoomInfo",
      documentation: documented && {
        summary: "A conference room's profile changed.",
        docs: { zh: null, intl: "647/60731" },
        example: {
          Operator_Account: "siti",
          RoomInfo: {
            RoomId: "room_pier_3",
            RoomName: "Timetable meeting, part 2",
            Owner_Account: "siti",
            TakeSeatMode: "FreeToTake",
            MaxMemberCount: 300,
            IsVideoDisabled: false,
            IsAudioDisabled: false,
            IsMessageDisabled: false,
            IsScreenSharingDisabled: false,
            IsCloudRecordingDisabled: "false",
            CustomInfo: "pier 3",
          },
          EventTime: 1763704414123,
        },
      },
      body: body({ Operator_Account: operator, RoomInfo: conferenceRoom }),
      conversation: within("RoomInfo", room),
    }),

    command({
      name: "Room.CallbackAfterMemberEnter",
      documentation: documented && {
        summary: "Members came into a conference room.",
        docs: { zh: null, intl: "647/60735" },
        example: {
          Operator_Account: "lan",
          RoomId: "room_pier_3",
          MemberCount: 20,
          Type: "Enter",
          MemberList_Account: ["lan"],
          EventTime: 1763703610123,
        },
      },
      body: body({
        Operator_Account: operator,
        RoomId: roomId,
        MemberCount: count,
        Type: maybe(word(["Enter"], "How they came.")),
        MemberList_Account: list(id("An account."), "The accounts that came."),
      }),
      conversation: room,
    }),

    command({
      name: "Room.CallbackAfterMemberLeave",
      documentation: documented && {
        summary: "Members left a conference room, or were removed.",
        docs: { zh: "269/105413", intl: "647/60734" },
        example: {
          Operator_Account: "minh",
          RoomId: "room_pier_3",
          MemberCount: 19,
          Type: "Leave",
          MemberList_Account: ["minh"],
          Reason: "hung up",
          EventTime: 1763706610123,
        },
      },
      body: body({
        Operator_Account: operator,
        RoomId: roomId,
        MemberCount: count,
        Type: maybe(word(["Leave", "Kicked", "Expired"], "How they left; Expired is a lost heartbeat.")),
        MemberList_Account: list(id("An account."), "The accounts that left."),
        Reason: maybe(text("Why.")),
      }),
      conversation: room,
    }),
  ];
}
