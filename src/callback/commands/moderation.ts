/** The verdicts of the cloud moderation on the content of users. */

import { command } from "../command.ts";
import { account, between, first, groupIn } from "../conversation.ts";
import { documented } from "../documented.ts";
import { code, id, integer, list, maybe, object, orText, text, word } from "../field.ts";

const contactsGroup = groupIn("ToGroupId");

export function moderationCommands() {
  return [
    command({
      name: "ContentCallback.ResultNotify",
      documentation: documented && {
        summary: "The cloud has checked a text, picture, sound or film.",
        remarks:
          "The body repeats no command and holds no time. Only violations are reported, unless the app asks for every result.",
        docs: { zh: "269/95616", intl: "1047/78240" },
        example: {
          Scene: "Group",
          SdkAppId: 1400000000,
          From_Account: "nobody_7",
          ContactItem: { ContactType: 2, ToGroupId: "@TGS#2EXAMPLEEL" },
          ContentType: "Text",
          TextContent: ["cheap boats", "call now"],
          MsgID: "415",
          CtxcbResult: 1,
          CtxcbRequestId: "7c0e4a52-3b57-4a0f-9f0b-5e2f1d7a9b11",
          CtxcbKeywords: ["cheap boats"],
          CtxcbSuggestion: "Block",
          CtxcbLabel: "Ad",
          CtxcbSubLabel: "AdSpam",
          CtxcbSubLabelDesc: "advertising",
          CtxcbLibName: "harbour-words",
          CloudCustomData: '{"src":"web"}',
        },
      },
      body: object({
        Scene: maybe(
          word(
            [
              "C2C",
              "C2CCustom",
              "Group",
              "GroupCustom",
              "GroupInfo",
              "GroupMemberInfo",
              "RelationChain",
              "UserInfo",
            ],
            "Where it was said.",
          ),
        ),
        SdkAppId: maybe(integer("The app; a number here.")),
        From_Account: id("The account that wrote it."),
        ContactItem: maybe(
          object(
            {
              ContactType: maybe(code("The kind of conversation", { 1: "one-to-one", 2: "group" })),
              To_Account: maybe(id("The receiver.")),
              ToGroupId: maybe(id("The group.")),
            },
            "Where a checked message was going.",
          ),
        ),
        ContentType: maybe(
          word(["Text", "Image", "Audio", "Video"], "The kind of content that was checked."),
        ),
        TextContent: maybe(orText(list(text("A piece of it."), "The text that was checked."))),
        FileURL: maybe(text("The file that was checked.")),
        MsgID: maybe(text("A one-to-one message's MsgKey, or a group message's MsgSeq as a text.")),
        CtxcbResult: maybe(code("The result", { 0: "let through", 1: "blocked" })),
        CtxcbRequestId: text("The check."),
        CtxcbKeywords: maybe(list(text("A word."), "The words that were hit.")),
        CtxcbSuggestion: maybe(word(["Block", "Review", "Normal"], "The cloud's advice.")),
        CtxcbLabel: maybe(text("The category, for example Normal, Ad, Porn, Sexy or Abuse.")),
        CtxcbSubLabel: maybe(text("The category within it.")),
        CtxcbSubLabelDesc: maybe(text("The same in words.")),
        CtxcbLibName: maybe(text("The app's word list that was hit.")),
        CloudCustomData: maybe(text("Custom data of the checked message.")),
      }),
      conversation: (body) => {
        const { ContactItem: contact, From_Account } = body;
        const message = { ...(typeof contact === "object" ? contact : {}), From_Account };
        return first(contactsGroup, between("From_Account", "To_Account"), account("From_Account"))(message);
      },
    }),
  ];
}
