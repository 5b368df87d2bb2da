/**
 * The elements that a message is made of: `MsgBody`, an array of `{ MsgType, MsgContent }`.
 * https://cloud.tencent.com/document/product/269/2720
 *
 * Every content is typed and none of its fields is required: senders on old SDKs leave many out. An element
 * of an unknown type passes as it is.
 */
import * as v from "valibot";
import { decimal, integer, list, maybe, text } from "./field.ts";

const imageInfo = v.looseObject({
  Type: maybe(integer("1 original, 2 large, 3 thumbnail.")),
  Size: maybe(integer("Bytes.")),
  Width: maybe(integer("Pixels; may be 0.")),
  Height: maybe(integer("Pixels; may be 0.")),
  URL: maybe(text("Where to download it.")),
});

/** A message inside a merged forward. */
const forwarded: v.GenericSchema = v.looseObject({
  From_Account: maybe(text("Who sent it.")),
  To_Account: maybe(text("To whom; one-to-one messages only.")),
  GroupId: maybe(text("In which group; group messages only.")),
  MsgSeq: maybe(integer("Its sequence number.")),
  MsgRandom: maybe(integer("Its random number.")),
  MsgTimeStamp: maybe(integer("When it was sent, Unix seconds.")),
  MsgBody: maybe(v.lazy(() => msgBody)),
  CloudCustomData: maybe(text("Custom data that travels with it.")),
});

/** What `MsgContent` holds, by `MsgType`. */
export const contents = {
  TIMTextElem: v.looseObject({ Text: maybe(text("The text.")) }),
  TIMLocationElem: v.looseObject({
    Desc: maybe(text("What the place is called.")),
    Latitude: maybe(decimal("Degrees.")),
    Longitude: maybe(decimal("Degrees.")),
  }),
  TIMFaceElem: v.looseObject({
    Index: maybe(integer("Which emoji, as the app counts them.")),
    Data: maybe(text("What the app adds.")),
  }),
  TIMCustomElem: v.looseObject({
    Data: maybe(text("What the app sends.")),
    Desc: maybe(text("What an offline push shows.")),
    Ext: maybe(text("What the app adds for offline pushes.")),
    Sound: maybe(text("The sound of an offline push.")),
  }),
  TIMSoundElem: v.looseObject({
    Url: maybe(text("Where to download it; not from SDKs 2.x and 3.x.")),
    UUID: maybe(text("Its key.")),
    Size: maybe(integer("Bytes.")),
    Second: maybe(integer("Length, seconds.")),
    Download_Flag: maybe(integer("How to download it: 2, by Url.")),
  }),
  TIMImageElem: v.looseObject({
    UUID: maybe(text("Its key.")),
    ImageFormat: maybe(integer("1 JPG, 2 GIF, 3 PNG, 4 BMP, 255 other.")),
    ImageInfoArray: maybe(list(imageInfo, "The original, the large one and the thumbnail.")),
  }),
  TIMFileElem: v.looseObject({
    Url: maybe(text("Where to download it; not from SDKs 2.x and 3.x.")),
    UUID: maybe(text("Its key.")),
    FileSize: maybe(integer("Bytes.")),
    FileName: maybe(text("Its name.")),
    Download_Flag: maybe(integer("How to download it: 2, by Url.")),
  }),
  TIMVideoFileElem: v.looseObject({
    VideoUrl: maybe(text("Where to download it; not from SDKs 2.x and 3.x.")),
    VideoUUID: maybe(text("Its key.")),
    VideoSize: maybe(integer("Bytes.")),
    VideoSecond: maybe(integer("Length, seconds; 0 from the web.")),
    VideoFormat: maybe(text("For example mp4.")),
    VideoDownloadFlag: maybe(integer("How to download it: 2, by VideoUrl.")),
    ThumbUrl: maybe(text("Where to download the thumbnail.")),
    ThumbUUID: maybe(text("The thumbnail's key.")),
    ThumbSize: maybe(integer("Bytes.")),
    ThumbWidth: maybe(integer("Pixels.")),
    ThumbHeight: maybe(integer("Pixels.")),
    ThumbFormat: maybe(text("For example JPG.")),
    ThumbDownloadFlag: maybe(integer("How to download it: 2, by ThumbUrl.")),
  }),
  TIMRelayElem: v.looseObject({
    Title: maybe(text("The heading of the merged forward.")),
    MsgNum: maybe(integer("How many messages it holds.")),
    CompatibleText: maybe(text("Shown by SDKs that do not know merged forwards.")),
    AbstractList: maybe(list(v.string(), "A line of each of the first messages.")),
    MsgList: maybe(list(forwarded, "The messages, while they stay under 12 KB.")),
    JsonMsgKey: maybe(text("Where the messages are, when they do not.")),
  }),
};

const anyElement = v.looseObject({
  MsgType: text("The element's type, for example TIMTextElem; more may come."),
  MsgContent: v.looseObject({}),
});

type Contents = { [Type in keyof typeof contents]: v.InferOutput<(typeof contents)[Type]> };

/** One element of a message, its content told apart by its type. */
export type Element = {
  [Type in keyof Contents]: { MsgType: Type; MsgContent: Contents[Type] };
}[keyof Contents];

const element = v.pipe(
  anyElement,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { MsgType, MsgContent } = dataset.value;
    if (!Object.hasOwn(contents, MsgType)) return;
    const result = v.safeParse(contents[MsgType as keyof typeof contents], MsgContent);
    if (result.success) return;
    for (const issue of result.issues) {
      const content = {
        type: "object",
        origin: "value",
        input: dataset.value,
        key: "MsgContent",
        value: MsgContent,
      } as const;
      addIssue({ message: issue.message, path: [content, ...(issue.path ?? [])] });
    }
  }),
);

/** A message: its elements in order. */
export const msgBody = v.pipe(v.array(element), v.description("The message: its elements, in order."));
