/** A gateway in the middle of a day: a chat, a moderation, a backend that is well, and one that is not. */
import { catalogue } from "../../src/callback/catalogue.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { reply, replyAfter, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

export interface Scene {
  gateway: Gateway;
  /** The id of a message that was refused. */
  refused: string;
}

const group = "@TGS#2HARBOUR";

/** Who says what in the group; null: the last message is recalled. */
const talk: readonly (readonly [from: string, text: string | null])[] = [
  ["lan", "Good morning! Which ferry are we taking?"],
  ["siti", "The one at nine, from the north pier."],
  ["王伟", "我八点半到码头，大家北门见。"],
  ["budi", "Cheap tickets at http://tickets.example.com, buy now!"],
  ["minh", "That link looks wrong to me."],
  ["李娜", "下雨的话怎么办？"],
  ["lan", "Then we meet inside, at the coffee shop."],
  ["budi", "http://tickets.example.com last chance"],
  ["siti", "Bringing umbrellas ☂"],
  ["minh", "Running late, ten minutes"],
  ["minh", null],
  ["王伟", "没问题，慢慢来。"],
];

/** Resolves when every message has come, and the destinations have what they take. */
export async function scene(): Promise<Scene> {
  const audit = await startReceiver(replyAfter(18));
  const search = await startReceiver(reply(503, {}, "the index is being rebuilt"));
  const gateway = await startGateway({
    FORWARD_RULES: [
      { name: "audit", url: audit.url },
      { name: "search", on: "*.CallbackAfter*", url: search.url, retry: ["1m", "5m"] },
      {
        name: "no-links",
        on: "*.CallbackBeforeSendMsg",
        match: { body: { MsgBody: { MsgContent: { Text: [{ wildcard: "*http*" }] } } } },
        answer: { ErrorCode: 1, ErrorInfo: "links are not allowed here" },
      },
    ],
  });
  let seq = 0;
  for (const [from, said] of talk) {
    const message = { GroupId: group, Type: "Public", From_Account: from, Operator_Account: from };
    const at = { EventTime: Date.now(), MsgTime: Math.floor(Date.now() / 1_000) };
    if (said === null) {
      await gateway.accept("Group.CallbackAfterRecallMsg", {
        ...bodyOf("Group.CallbackAfterRecallMsg"),
        ...message,
        ...at,
        TopicId: "",
        MsgSeqList: [{ MsgSeq: seq }],
      });
      continue;
    }
    const text = { MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: said } }], Random: 7_000 + seq };
    await gateway.send("Group.CallbackBeforeSendMsg", {
      ...bodyOf("Group.CallbackBeforeSendMsg"),
      ...message,
      ...text,
      ...at,
    });
    if (said.includes("http")) continue;
    await gateway.accept("Group.CallbackAfterSendMsg", {
      ...bodyOf("Group.CallbackAfterSendMsg"),
      ...message,
      ...text,
      ...at,
      TopicId: "",
      MsgSeq: ++seq,
    });
  }
  const refused = await until("the refused messages are kept", async () => {
    const { events } = await gateway.events({ verdict: "refuse" });
    return events.length === 2 ? events[1]!.id : undefined;
  });
  return { gateway, refused };
}

function bodyOf(command: string): object {
  return catalogue.get(command)!.example;
}
