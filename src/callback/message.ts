/**
 * Messages: `MsgBody`, an array of elements `{ MsgType, MsgContent }`.
 * https://cloud.tencent.com/document/product/269/2720
 *
 * Every content is typed and none of its fields is required: old SDKs leave many out. An element of an unknown type is
 * accepted. No part of a message identifies a callback's event. In an answer that rewrites a message, every element
 * must be valid.
 */
import {
  anything,
  code,
  decimal,
  type Entries,
  type Field,
  flag,
  id,
  integer,
  list,
  maybe,
  object,
  text,
  type ValueOf,
} from "./field.ts";

const byUrl = maybe(code("How to download it", { 2: "by its address" }));

/** The contents by `MsgType`, except for merged forwards, which hold messages themselves. */
const contents = {
  TIMTextElem: object({ Text: maybe(text("The text.")) }),
  TIMLocationElem: object({
    Desc: maybe(text("The name of the place.")),
    Latitude: maybe(decimal("Degrees.")),
    Longitude: maybe(decimal("Degrees.")),
  }),
  TIMFaceElem: object({
    Index: maybe(integer("Which emoji, as the app counts them.")),
    Data: maybe(text("The app's own data.")),
  }),
  TIMCustomElem: object({
    Data: maybe(text("The app's data.")),
    Desc: maybe(text("The text of an offline push.")),
    Ext: maybe(text("The app's data for offline pushes.")),
    Sound: maybe(text("The sound of an offline push.")),
  }),
  TIMSoundElem: object({
    Url: maybe(text("Where to download it; not from SDKs 2.x and 3.x.")),
    UUID: maybe(text("Its key.")),
    Size: maybe(integer("Bytes.")),
    Second: maybe(integer("Length, seconds.")),
    Download_Flag: byUrl,
  }),
  TIMImageElem: object({
    UUID: maybe(text("Its key.")),
    ImageFormat: maybe(code("Format", { 1: "JPG", 2: "GIF", 3: "PNG", 4: "BMP", 255: "other" })),
    ImageInfoArray: maybe(
      list(
        object({
          Type: maybe(code("Which one", { 1: "original", 2: "large", 3: "thumbnail" })),
          Size: maybe(integer("Bytes.")),
          Width: maybe(integer("Pixels; may be 0.")),
          Height: maybe(integer("Pixels; may be 0.")),
          URL: maybe(text("Where to download it.")),
        }),
        "The original, the large one and the thumbnail.",
      ),
    ),
  }),
  TIMFileElem: object({
    Url: maybe(text("Where to download it; not from SDKs 2.x and 3.x.")),
    UUID: maybe(text("Its key.")),
    FileSize: maybe(integer("Bytes.")),
    FileName: maybe(text("Its name.")),
    Download_Flag: byUrl,
  }),
  TIMVideoFileElem: object({
    VideoUrl: maybe(text("Where to download it; not from SDKs 2.x and 3.x.")),
    VideoUUID: maybe(text("Its key.")),
    VideoSize: maybe(integer("Bytes.")),
    VideoSecond: maybe(integer("Length, seconds; 0 from the web.")),
    VideoFormat: maybe(text("For example mp4.")),
    VideoDownloadFlag: byUrl,
    ThumbUrl: maybe(text("Where to download the thumbnail.")),
    ThumbUUID: maybe(text("The thumbnail's key.")),
    ThumbSize: maybe(integer("Bytes.")),
    ThumbWidth: maybe(integer("Pixels.")),
    ThumbHeight: maybe(integer("Pixels.")),
    ThumbFormat: maybe(text("For example JPG.")),
    ThumbDownloadFlag: byUrl,
  }),
  TIMStreamElem: object({
    Chunks: maybe(
      list(
        object({
          EventType: maybe(text("The kind of piece, for example data.")),
          Index: maybe(integer("Its place among the pieces.")),
          Markdown: maybe(text("Its text, in Markdown.")),
          IsLast: maybe(flag("Whether it is the last one.")),
        }),
        "The pieces so far; while it streams, edits of the message follow each other.",
      ),
    ),
    CompatibleText: maybe(text("Shown by SDKs that do not know streams.")),
    StreamMsgID: maybe(text("The stream.")),
  }),
};

/** A merged forward: several messages forwarded as one. */
const forward = (message: Field<unknown[]>) =>
  object({
    Title: maybe(text("The heading.")),
    MsgNum: maybe(integer("How many messages it holds.")),
    CompatibleText: maybe(text("Shown by SDKs that do not know merged forwards.")),
    AbstractList: maybe(list(text(""), "A line of each of the first messages.")),
    MsgList: maybe(
      list(
        object({
          From_Account: maybe(id("The account that sent it.")),
          To_Account: maybe(id("The receiver; one-to-one messages only.")),
          GroupId: maybe(id("The group; group messages only.")),
          MsgSeq: maybe(integer("Its sequence number.")),
          MsgRandom: maybe(integer("Its random number.")),
          MsgTimeStamp: maybe(integer("When it was sent, Unix seconds.")),
          MsgBody: maybe(message),
          CloudCustomData: maybe(text("Custom data that travels with it.")),
        }),
        "The messages, while they stay under 12 KB.",
      ),
    ),
    JsonMsgKey: maybe(text("Where the messages are, when they do not.")),
  });

type Contents = { [Type in keyof typeof contents]: ValueOf<(typeof contents)[Type]> } & {
  TIMRelayElem: ValueOf<ReturnType<typeof forward>>;
};

/** One element of a message: a union over `MsgType`. */
export type Element = {
  [Type in keyof Contents]: { MsgType: Type; MsgContent: Contents[Type] };
}[keyof Contents];

/** A message, with the contents of its elements by their type. */
export interface MessageField extends Field<Element[]> {
  readonly contents: Entries;
}

/** @param depth the levels of merged forwards that are described; deeper ones are accepted as they are */
function message(depth: number): MessageField {
  const deeper = depth > 0 ? message(depth - 1) : list(anything(""));
  return {
    type: "array",
    description: "The message: its elements, in order.",
    contents: { ...contents, TIMRelayElem: forward(deeper) },
    item: anything(""),
  };
}

/** A message: its elements, in order. */
export const msgBody = message(4);

/** The fields with which a verdict may rewrite a message. */
export const rewriting = { MsgBody: msgBody, CloudCustomData: text("Replaces the custom data.") };
