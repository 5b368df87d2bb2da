/** Voice and video calls: a product of its own on the same protocol. */

import { command } from "../command.ts";
import { call, first, within } from "../conversation.ts";
import { documented } from "../documented.ts";
import { body, code, id, integer, list, maybe, object, text, word } from "../field.ts";
import { recordingEvent } from "../recording.ts";

const callId = text("The call.");
const mediaType = maybe(word(["Audio", "Video"], "The kind of call."));
const roomId = maybe(id("The media room; may be empty."));
const roomIdType = maybe(code("The type of RoomId", { 1: "a number", 2: "a text" }));
const user = id("The account.");
const users = (description: string) =>
  list(
    object({ User_Account: user, Status: maybe(word(["Calling", "Waiting"], "In the call, or not yet.")) }),
    description,
  );

export function callCommands() {
  return [
    command({
      name: "Call.CallbackAfterStartCall",
      documentation: documented && {
        summary: "A call was started.",
        docs: { zh: "647/116423", intl: "647/68941" },
        example: {
          CallInfo: {
            CallId: "5f2b9c0e-7d1a-4f0b-8a43-0b6c2d9e1f77",
            CallMediaType: "Video",
            ChatGroupId: "",
            RoomId: "410233",
            RoomIdType: 1,
          },
          UserList: [
            { User_Account: "lan", Status: "Calling" },
            { User_Account: "minh", Status: "Waiting" },
          ],
          EventTime: 1763702760101,
        },
      },
      body: body({
        CallInfo: maybe(
          object(
            {
              CallId: callId,
              CallMediaType: mediaType,
              MediaType: maybe(word(["Audio", "Video"], "The same, as the tables call it.")),
              ChatGroupId: maybe(id("The group that calls; may be empty.")),
              RoomId: roomId,
              RoomIdType: roomIdType,
            },
            "The call.",
          ),
        ),
        UserList: users("The accounts in the call."),
      }),
      // Tencent's table has no row for CallInfo, as if its fields stood in the body itself.
      conversation: first(within("CallInfo", call), call),
    }),

    command({
      name: "Call.CallbackAfterEndCall",
      documentation: documented && {
        summary: "A call ended.",
        docs: { zh: "647/116424", intl: "647/68940" },
        example: {
          CallRecord: {
            CallId: "5f2b9c0e-7d1a-4f0b-8a43-0b6c2d9e1f77",
            Caller_Account: "lan",
            MediaType: "Video",
            CallType: "SingleCall",
            StartTime: 1763702760,
            EndTime: 1763702905,
            AcceptTime: 1763702766,
            CallResult: "NormalEnd",
            CalleeList_Account: ["lan", "minh"],
            RoomId: "410233",
            RoomIdType: 1,
          },
          EventTime: 1763702905202,
        },
      },
      body: body({
        CallRecord: object(
          {
            CallId: callId,
            Caller_Account: maybe(id("The account that called.")),
            MediaType: mediaType,
            CallType: maybe(word(["SingleCall", "MultiCall"], "Between two, or more.")),
            StartTime: maybe(integer("When it began, Unix seconds.")),
            EndTime: maybe(integer("When it ended, Unix seconds.")),
            AcceptTime: maybe(integer("When it was answered, Unix seconds; 0 for never.")),
            CallResult: maybe(
              word(
                ["Cancel", "Reject", "NotAnswer", "NormalEnd", "CallBusy", "Interrupt", "Offline"],
                "How it ended.",
              ),
            ),
            CalleeList_Account: maybe(
              list(id("An account."), "The accounts that were called; in samples also the caller."),
            ),
            RoomId: roomId,
            RoomIdType: roomIdType,
          },
          "The call.",
        ),
      }),
      conversation: within("CallRecord", call),
    }),

    command({
      name: "Call.CallbackAfterMemberChanged",
      documentation: documented && {
        summary: "Members of a call answered, hung up, joined or were invited.",
        docs: { zh: "647/117872", intl: "647/69215" },
        example: {
          CallId: "5f2b9c0e-7d1a-4f0b-8a43-0b6c2d9e1f77",
          UserList: [
            { User_Account: "lan", Status: "Calling" },
            { User_Account: "minh", Status: "Calling" },
          ],
          ChangedUserList: [{ User_Account: "minh", ActionType: "Accept" }],
          EventTime: 1763702766303,
        },
      },
      body: body({
        CallId: callId,
        UserList: maybe(users("The accounts in the call now.")),
        ChangedUserList: maybe(
          list(
            object({
              User_Account: user,
              ActionType: maybe(
                text("Their action, for example Accept, Reject, Hangup, Join, Invite; the spelling varies."),
              ),
            }),
            "The accounts whose state changed.",
          ),
        ),
      }),
      conversation: call,
    }),

    command({
      name: "Call.CallbackAfterRecordChanged",
      documentation: documented && {
        summary: "The recording of a call started, ended or was stored.",
        remarks: "A sample's body calls it Call.CallbackAfterCloudRecordingChanged: both names are accepted.",
        docs: { zh: "647/131580", intl: "647/80345" },
        example: {
          CallId: "5f2b9c0e-7d1a-4f0b-8a43-0b6c2d9e1f77",
          Callback: {
            EventGroupId: 3,
            EventType: 301,
            CallbackTs: 1763702768091,
            EventInfo: {
              RoomId: "410233",
              EventTs: 1763702768,
              EventMsTs: 1763702768077,
              UserId: "recorder_410233",
              TaskId: "-kX7-example-task",
              Payload: { Status: 0 },
            },
            KitType: 2,
          },
          EventTime: 1763702768149,
        },
      },
      body: body({
        CallId: callId,
        Callback: maybe(
          object(
            { ...recordingEvent, KitType: maybe(integer("The product; 2 in the sample.")) },
            "The recording.",
          ),
        ),
      }),
      conversation: call,
    }),
  ];
}
