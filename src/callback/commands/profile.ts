/** The profiles of users. */

import { command } from "../command.ts";
import { account } from "../conversation.ts";
import { documented } from "../documented.ts";
import { body, id, list, maybe, numberOrText, object, operator, text } from "../field.ts";

export function profileCommands() {
  return [
    command({
      name: "Profile.CallbackPortraitSet",
      documentation: documented && {
        summary: "Fields of a user's profile were set.",
        docs: { zh: "269/76489", intl: "1047/48733" },
        example: {
          Operator_Account: "administrator",
          From_Account: "minh",
          EventTime: 1763700010456,
          ProfileItem: [
            { Tag: "Tag_Profile_IM_Nick", Value: "Minh of the ferry" },
            { Tag: "Tag_Profile_IM_Gender", Value: "Gender_Type_Male" },
            { Tag: "Tag_Profile_Custom_Pier", Value: 3 },
          ],
        },
      },
      body: body({
        Operator_Account: operator,
        From_Account: id("The account of the profile."),
        ProfileItem: maybe(
          list(
            object({
              Tag: maybe(text("The field, for example Tag_Profile_IM_Nick or Tag_Profile_Custom_….")),
              Value: maybe(numberOrText("Its new value: text, or an unsigned number.")),
            }),
            "The fields that were set.",
          ),
        ),
      }),
      conversation: account("From_Account"),
    }),
  ];
}
