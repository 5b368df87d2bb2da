/**
 * The media product's event about a recording, which callbacks of rooms and calls carry.
 * https://cloud.tencent.com/document/product/647/81113
 */
import { code, id, integer, list, maybe, numberOrText, object, orText, text, word } from "./field.ts";

const trackType = maybe(word(["audio", "video", "audio_video"], "Its value."));
const mediaId = maybe(word(["main", "aux", "mix"], "Which stream."));
const whose = maybe(id("The account of the stream; empty for a mixed one."));
const start = maybe(integer("When it begins, Unix milliseconds."));
const end = maybe(integer("When it ends, Unix milliseconds."));

const payload = object(
  {
    Status: maybe(integer("Outcome: for a recording 0 is success, for a web page 1 is.")),
    LeaveCode: maybe(integer("Why the recorder left (302), or how the upload ended (305).")),
    FileList: maybe(orText(list(text("A file's name."), "The file's name (304), or all of them (310)."))),
    FileName: maybe(text("The index file (307).")),
    UserId: maybe(id("The account whose stream the file holds (307).")),
    TrackType: trackType,
    BeginTimeStamp: maybe(numberOrText("When it begins, Unix milliseconds (307).")),
    Url: maybe(text("The address that did not load (309).")),
    FileMessage: maybe(
      list(
        object({
          FileName: maybe(text("The file's name.")),
          UserId: whose,
          TrackType: trackType,
          MediaId: mediaId,
          StartTimeStamp: start,
          EndTimeStamp: end,
        }),
        "The files (310).",
      ),
    ),
    TencentVod: maybe(
      object(
        {
          UserId: whose,
          TrackType: trackType,
          MediaId: mediaId,
          FileId: maybe(text("Its id; missing when the upload failed.")),
          VideoUrl: maybe(text("Where to play it; missing when the upload failed.")),
          CacheFile: maybe(text("The recorded file's name.")),
          StartTimeStamp: start,
          EndTimeStamp: end,
        },
        "The file in the video store (311).",
      ),
    ),
    Errmsg: maybe(text("Why it failed (311).")),
    EventMessage: maybe(text("Status in words (801 to 804).")),
  },
  "The rest, by EventType.",
);

export const recordingEvent = {
  EventGroupId: maybe(code("The recorded object", { 3: "a room", 8: "a web page" })),
  EventType: maybe(integer("The kind of event: 301 to 312 for a room, 801 to 804 for a web page.")),
  CallbackTs: maybe(integer("When it was sent, Unix milliseconds.")),
  EventInfo: object(
    {
      RoomId: maybe(id("The room; not for a web page.")),
      EventTs: maybe(numberOrText("When it happened, Unix seconds; not for a web page.")),
      EventMsTs: maybe(integer("When it happened, Unix milliseconds.")),
      UserId: maybe(id("The robot that records; not for a web page.")),
      TaskId: text("The recording's task."),
      Payload: maybe(payload),
    },
    "The event.",
  ),
};
