/** Friends and blocklists. */

import { say } from "../../sentence.ts";
import type { AnswerSpec } from "../answer.ts";
import { command } from "../command.ts";
import { account, nameOf, pair, within } from "../conversation.ts";
import { documented } from "../documented.ts";
import { body, code, id, integerThat, list, maybe, nonEmptyList, object, text, word } from "../field.ts";
import type { Body } from "../json.ts";

const refusal = 38000;

const verdicts = (targets: string): AnswerSpec => ({
  codes: [0, [38000, 39000]],
  refusal,
  note: "The answer's own code decides nothing: each target has its verdict in ResultItem.",
  fields: {
    ResultItem: nonEmptyList(
      object({
        To_Account: id("The target."),
        ResultCode: integerThat(
          (verdict) => verdict === 0 || (verdict >= 38000 && verdict <= 39000),
          say`is neither 0 nor between 38000 and 39000`,
        ),
        ResultInfo: maybe(text("Why it is refused.")),
      }),
      "A verdict for each target: 0 lets it go on, 38000 to 39000 refuse.",
    ),
  },
  demanded: (request: Body, verdict: number) => ({
    ResultItem: targetsOf(request[targets]).map((To_Account) => ({
      To_Account,
      ResultCode: verdict,
      ResultInfo: "",
    })),
  }),
});

/** The targets whose account can be read. An answer names every account as a text, also one that came as a number. */
function targetsOf(items: unknown): string[] {
  if (!Array.isArray(items)) return [];
  return items.flatMap((item: { To_Account?: unknown } | null) => nameOf(item?.To_Account) ?? []);
}

/** The conversation of a friendship: events about either side belong to the same one. */
const friends = within("PairList", pair);

const owner = within("PairList", account("From_Account"));

const pairs = (from: string, to: string) =>
  list(object({ From_Account: id(from), To_Account: id(to) }), "The pairs, one direction each.");

export function snsCommands() {
  return [
    command({
      name: "Sns.CallbackPrevFriendAdd",
      documentation: {
        summary: "A client asks to add friends; each of them may be refused.",
        docs: { zh: "269/61698", intl: "1047/43468" },
        example: {
          Requester_Account: "lan",
          From_Account: "lan",
          FriendItem: [
            {
              To_Account: "minh",
              Remark: "from the pier",
              GroupName: "harbour",
              AddSource: "AddSource_Type_Web",
              AddWording: "Lan here, from the ferry",
            },
            { To_Account: "siti", AddSource: "AddSource_Type_Web" },
          ],
          AddType: "Add_Type_Both",
          ForceAddFlags: 0,
          EventTime: 1763700020017,
        },
      },
      body: body({
        Requester_Account: maybe(id("The account that made the request.")),
        From_Account: id("The account that asks for friends."),
        FriendItem: list(
          object({
            To_Account: id("The account that is asked."),
            Remark: maybe(text("The remark to keep about them.")),
            GroupName: maybe(text("The friend list to put them on; called TagName in the response command.")),
            AddSource: maybe(text("Where the wish came from: AddSource_Type_ and a name.")),
            AddWording: maybe(text("The greeting.")),
          }),
          "The friends asked for.",
        ),
        AddType: maybe(word(["Add_Type_Single", "Add_Type_Both"], "One-way, or both ways.")),
        ForceAddFlags: maybe(code("Whether an administrator forces it", { 0: "no", 1: "yes" })),
      }),
      conversation: account("From_Account"),
      answer: verdicts("FriendItem"),
    }),

    command({
      name: "Sns.CallbackPrevFriendResponse",
      documentation: {
        summary: "A client answers friend requests; each answer may be refused.",
        docs: { zh: "269/61699", intl: "1047/43467" },
        example: {
          Requester_Account: "minh",
          From_Account: "minh",
          ResponseFriendItem: [
            {
              To_Account: "lan",
              Remark: "Lan of the ferry",
              TagName: "harbour",
              ResponseAction: "Response_Action_AgreeAndAdd",
            },
            { To_Account: "nobody_7", ResponseAction: "Response_Action_Reject" },
          ],
          EventTime: 1763700031990,
        },
      },
      body: body({
        Requester_Account: maybe(id("The account that made the request.")),
        From_Account: id("The account that answers."),
        ResponseFriendItem: list(
          object({
            To_Account: id("The account that made the friend request."),
            Remark: maybe(text("The remark to keep about them.")),
            TagName: maybe(text("The friend list to put them on; called GroupName in the adding command.")),
            ResponseAction: maybe(
              word(
                ["Response_Action_AgreeAndAdd", "Response_Action_Agree", "Response_Action_Reject"],
                "The answer.",
              ),
            ),
          }),
          "The friend requests that are answered.",
        ),
      }),
      conversation: account("From_Account"),
      answer: verdicts("ResponseFriendItem"),
    }),

    command({
      name: "Sns.CallbackFriendAdd",
      documentation: documented && {
        summary: "Accounts became friends.",
        remarks: "Importing friends does not trigger it.",
        docs: { zh: "269/1657", intl: "1047/34359" },
        example: {
          PairList: [
            { From_Account: "lan", To_Account: "minh", Initiator_Account: "lan" },
            { From_Account: "minh", To_Account: "lan", Initiator_Account: "lan" },
          ],
          ClientCmd: "FriendResponse",
          Admin_Account: "",
          ForceFlag: 0,
        },
      },
      body: body({
        PairList: list(
          object({
            From_Account: id("The account whose friend list grew."),
            To_Account: id("The account that is on it now."),
            Initiator_Account: maybe(id("The account that asked first.")),
          }),
          "The pairs, one direction each.",
        ),
        ClientCmd: maybe(
          word(
            ["friend_add", "FriendAdd", "friend_response", "FriendResponse"],
            "Whether a request or its answer made them friends.",
          ),
        ),
        Admin_Account: maybe(id("The administrator who did it; empty if none did.")),
        ForceFlag: maybe(code("Whether an administrator forced it", { 0: "no", 1: "yes" })),
      }),
      conversation: friends,
    }),

    command({
      name: "Sns.CallbackFriendDelete",
      documentation: documented && {
        summary: "Accounts are friends no longer.",
        remarks: "Putting a friend on a blocklist triggers it too.",
        docs: { zh: "269/1659", intl: "1047/34360" },
        example: {
          PairList: [
            { From_Account: "lan", To_Account: "minh" },
            { From_Account: "minh", To_Account: "lan" },
          ],
        },
      },
      body: body({
        PairList: pairs("The account whose friend list shrank.", "The account that is no longer on it."),
      }),
      conversation: friends,
    }),

    command({
      name: "Sns.CallbackBlackListAdd",
      documentation: documented && {
        summary: "Accounts were put on a blocklist.",
        docs: { zh: "269/1660", intl: "1047/34361" },
        example: {
          PairList: [{ From_Account: "siti", To_Account: "nobody_7" }],
        },
      },
      body: body({ PairList: pairs("The account of the blocklist.", "The account that is on it now.") }),
      conversation: owner,
    }),

    command({
      name: "Sns.CallbackBlackListDelete",
      documentation: documented && {
        summary: "Accounts were taken off a blocklist.",
        docs: { zh: "269/1661", intl: "1047/34362" },
        example: {
          PairList: [
            { From_Account: "siti", To_Account: "nobody_7" },
            { From_Account: "siti", To_Account: "nobody_8" },
          ],
        },
      },
      body: body({
        PairList: pairs("The account of the blocklist.", "The account that is no longer on it."),
      }),
      conversation: owner,
    }),
  ];
}
