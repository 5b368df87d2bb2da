/** The rules of a soak: each kind of destination that there is, and each kind of verdict. */
import { callbackToken } from "../support/callbacks.ts";
import { badWord, type Callback, mask, refusedLink, spareCode } from "./callbacks.ts";

const secretOf = (name: string) =>
  `whsec_${Buffer.from(`soak-secret-of-${name}`.padEnd(32, ".")).toString("base64")}`;

/** Short waits: within seconds an event that goes on failing is a dead letter. */
const retry = ["200ms", "500ms", "1s", "2s", "5s"];

/** The attempts of a delivery before it is given up. */
export const mostAttempts = retry.length + 1;

interface Kind {
  rule: object;
  /** Whether its first deliveries follow the order of keeping in each conversation. */
  ordered: boolean;
  wants(callback: Callback): boolean;
}

interface Share {
  match: object;
  wants(callback: Callback): boolean;
}

const everything = () => true;

/** Of the events, a share: every event at every destination is more than one thread of workerd can post. */
const endingIn = (digits: string): Share => ({
  match: { platform: [...digits].map((digit) => ({ suffix: digit })) },
  wants: ({ number }: Callback) => digits.includes(String(number % 10)),
});

const [low, odd, high, few] = ["01234", "13579", "56789", "024"].map(endingIn) as [
  Share,
  Share,
  Share,
  Share,
];

const kinds = {
  /** No fault befalls this one: its lag shows whether the others' faults delay it. */
  steady: { rule: { headers: { "x-soak": "steady" } }, ordered: false, wants: everything },
  plain: { rule: { match: odd.match }, ordered: false, wants: odd.wants },
  ordered: { rule: { match: low.match, order: "conversation" }, ordered: true, wants: low.wants },
  batched: { rule: { batch: { size: 50, ms: 500 } }, ordered: false, wants: everything },
  both: {
    rule: { batch: { size: 20, ms: 200 }, order: "conversation" },
    ordered: true,
    wants: everything,
  },
  raw: { rule: { match: few.match, format: "raw", callbackToken }, ordered: false, wants: few.wants },
  cloud: {
    rule: { match: high.match, format: "cloudevents", batch: { size: 10, ms: 100 } },
    ordered: false,
    wants: high.wants,
  },
  matched: {
    rule: {
      on: ["Group.*", "Bot.OnGroupMessage"],
      match: { phase: ["after"], body: { GroupId: [{ prefix: "@TGS#soak-1" }, { suffix: "-7" }] } },
      order: "conversation",
    },
    ordered: true,
    wants: ({ command, kind, group }) =>
      /^Group\.|^Bot\.OnGroupMessage$/.test(command) &&
      kind === "kept" &&
      group !== null &&
      (group.startsWith("@TGS#soak-1") || group.endsWith("-7")),
  },
  rated: {
    rule: { match: { platform: [{ suffix: "07" }, { suffix: "57" }] }, ratePerSecond: 24 },
    ordered: false,
    wants: ({ number }) => /[05]7$/.test(String(number)),
  },
} satisfies Record<string, Kind>;

export type DestinationName = keyof typeof kinds;
export const destinationNames = Object.keys(kinds) as DestinationName[];
export const destinations: Readonly<Record<DestinationName, Kind>> = kinds;

export const secrets = Object.fromEntries(
  [...destinationNames, "moderation", "trial"].map((name) => [name, secretOf(name)]),
) as Readonly<Record<DestinationName | "moderation" | "trial", string>>;

/** Rules that want every event: the invariants of storage are checked for these. */
export const wantEverything = destinationNames.filter((name) => destinations[name].wants === everything);

/** The ways in which rules change at a restart. */
export const changes = ["other numbers", "one is gone", "one is wrong", "another secret first"] as const;
export type Change = (typeof changes)[number];

/** @param urls of the destinations and of the two backends */
export function rulesOf(
  urls: Readonly<Record<DestinationName | "moderation" | "trial", string>>,
  change: Change | null = null,
): object[] {
  const forwards = destinationNames.flatMap((name) => {
    const secret =
      change === "another secret first" ? [secretOf(`new-${name}`), secrets[name]] : secrets[name];
    const rule = {
      name,
      url: urls[name],
      secret,
      retry,
      timeoutMs: 3_000,
      concurrency: 12,
      ...kinds[name].rule,
    };
    if (change === "other numbers") return { ...rule, concurrency: 6, timeoutMs: 2_000 };
    if (change === "one is gone" && name === "both") return [];
    return change === "one is wrong" && name === "plain" ? { ...rule, retry: ["soon"] } : rule;
  });
  const asked = {
    on: "Group.CallbackBeforeSendMsg",
    match: { body: { MsgBody: { MsgContent: { Text: [{ prefix: "ask " }] } } } },
  };
  return [
    ...forwards,
    {
      name: "no-links",
      on: "Group.CallbackBeforeSendMsg",
      match: { body: { MsgBody: { MsgContent: { Text: [{ wildcard: "*http*" }] } } } },
      answer: { ErrorCode: 1, ErrorInfo: refusedLink },
    },
    {
      name: "polite",
      on: "C2C.CallbackBeforeSendMsg",
      answer: { ErrorCode: 0 },
      replace: { [badWord]: mask },
    },
    {
      name: "moderation",
      ...asked,
      ask: urls.moderation,
      secret: secrets.moderation,
      deadlineMs: 800,
      otherwise: { ErrorCode: spareCode },
    },
    { name: "trial", ...asked, ask: urls.trial, secret: secrets.trial, shadow: true },
  ];
}
