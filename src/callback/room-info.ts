/** The profile of a room. Each callback of the live and conference products carries a part of it. */
import { anything, flag, id, integer, list, maybe, numberOrText, object, text, word } from "./field.ts";

const parts = {
  RoomName: maybe(text("Its name.")),
  RoomType: maybe(word(["Live", "Meeting"], "The room's type.")),
  Owner_Account: maybe(id("The owner.")),
  MaxMemberCount: maybe(integer("How many may be in it.")),
  IsMessageDisabled: maybe(flag("Whether members are muted.")),
  CustomInfo: maybe(text("The app's own data; may be empty.")),
  IsSeatEnabled: maybe(flag("Whether it has seats.")),
  TakeSeatMode: maybe(word(["None", "FreeToTake", "ApplyToTake"], "How one gets a seat.")),
  MaxSeatCount: maybe(integer("How many seats it has.")),
};

const liveParts = {
  ...parts,
  IsPublicVisible: maybe(flag("Whether it is listed in public.")),
  CoverURL: maybe(text("The cover's address; may be empty.")),
  Category: maybe(list(integer("A category."), "The app's categories.")),
  ActivityStatus: maybe(integer("A status that the app defines.")),
  CreateTime: maybe(integer("When it was created, Unix seconds.")),
  ViewCount: maybe(integer("How often users have come in.")),
  BackgroundURL: maybe(text("The background's address; may be empty.")),
  IsUnlimitedRoomEnabled: maybe(flag("Whether it is mixed for a very large audience.")),
  EventTime: maybe(numberOrText("When it happened, Unix milliseconds; in one sample it stands here.")),
};

const conferenceParts = {
  ...parts,
  IsVideoDisabled: maybe(anything("Whether members may not send video.")),
  IsAudioDisabled: maybe(anything("Whether members may not send sound.")),
  IsScreenSharingDisabled: maybe(anything("Whether members may not share a screen.")),
  IsCloudRecordingDisabled: maybe(anything("Whether it may not be recorded; in one sample a text.")),
  ScheduleStartTime: maybe(integer("When it is to begin, Unix seconds.")),
  ScheduleEndTime: maybe(integer("When it is to end, Unix seconds.")),
  RoomStatus: maybe(text("For example Running.")),
  CreateTime: maybe(integer("When it was created, Unix seconds.")),
};

const roomId = id("The room.");

export const liveRoom = object({ RoomId: roomId, ...liveParts }, "The room.");

/** The profile in a body that names the room beside it. */
export const lastProfile = object({ RoomId: maybe(roomId), ...liveParts }, "The room, as it was.");

export const conferenceRoom = object({ RoomId: roomId, ...conferenceParts }, "The room.");
