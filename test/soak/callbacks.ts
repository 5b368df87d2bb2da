/**
 * The callbacks of a soak. Each follows from the seed and its number alone, so that the sender, the receivers and the
 * books compare bodies of which none of them has kept a copy.
 */
import { okAnswer } from "../../src/callback/answer.ts";
import { catalogue } from "../../src/callback/catalogue.ts";
import { signatureOf } from "../../src/cli/signature.ts";
import { app, callbackToken } from "../support/callbacks.ts";
import { Chance } from "../support/chance.ts";

/** The plan that callbacks, their times and their numbers follow from. */
export interface Plan {
  seed: number;
  perSecond: number;
  seconds: number;
  /** When number 0 is due, Unix milliseconds. */
  startedAt: number;
  /** The most callbacks of floods, which are numbered behind all others. */
  floods: number;
}

/** The reason of an answer: `kept` and `quarantined` are durable, `decided` is a verdict, the others are not kept. */
type Kind = "kept" | "quarantined" | "decided" | "probe" | "refused";

export interface Callback {
  /** Goes as `OptPlatform` in its label. A duplicate has the number of its first. */
  number: number;
  kind: Kind;
  command: string;
  /** Null: its body names none. */
  group: string | null;
  body: string;
  /** The HTTP status of its answer. */
  status: number;
  /** Whether an answer is the right verdict. `spare`: the rule's `otherwise`, as if its backend did not answer. */
  judge?(answer: Record<string, unknown>): "right" | "spare" | "wrong";
  /** Replaces the usual parameters. */
  query?: { app?: string; sign?: string };
}

/** The code of the ask rule's `otherwise`, which the backend never gives. */
export const spareCode = 2;

export const refusedLink = "links are not allowed here";
export const [badWord, mask] = ["durian", "d****n"];

/** Numbers of accounts and groups: few, so that a conversation often has several events on their way. */
const [accounts, groups] = [6, 60];

/** Some groups are busy: they have this share of all events in groups. */
const [busyGroups, busyShare] = [3, 0.4];

/** Bodies are compared soon after they are sent, at every destination. */
const remembered = 4_096;

/** A duplicate comes at most so many callbacks after its first. */
const duplicateWithin = 2_000;

const afters = catalogue.values().filter(({ phase, answer }) => phase === "after" && answer.refusal === null);
const defaults = catalogue
  .values()
  .filter(({ name, phase }) => phase === "before" && !/^(Group|C2C)\.CallbackBeforeSendMsg$/.test(name));

/** Kinds of callbacks with their share, per mille. */
const shares = {
  after: 752,
  unknown: 15,
  misfit: 12,
  duplicate: 30,
  asked: 70,
  link: 20,
  word: 20,
  defaulted: 50,
  probe: 11,
  unsigned: 8,
  stranger: 6,
  broken: 5,
  oversized: 1,
} as const;
type Drawn = keyof typeof shares;
const deck = (Object.entries(shares) as [Drawn, number][]).flatMap(([kind, share]) =>
  Array.from({ length: share }, () => kind),
);

export class Callbacks {
  readonly plan: Plan;
  /** The number of callbacks that are due by the clock. */
  readonly planned: number;
  readonly #recent: { number: number; callback: Callback }[] = [];

  constructor(plan: Plan) {
    this.plan = plan;
    this.planned = Math.floor(plan.perSecond * plan.seconds);
  }

  /** All numbers, those of floods included. */
  get size(): number {
    return this.planned + this.plan.floods;
  }

  /** Unix milliseconds. */
  dueAt(number: number): number {
    return this.plan.startedAt + (number * 1_000) / this.plan.perSecond;
  }

  at(number: number): Callback {
    const recent = this.#recent[number % remembered];
    if (recent?.number === number) return recent.callback;
    const callback = this.#make(number);
    this.#recent[number % remembered] = { number, callback };
    return callback;
  }

  #chance(number: number): Chance {
    return new Chance(this.plan.seed ^ Math.imul(number + 1, 0x9e3779b1));
  }

  #drawn(number: number): Drawn {
    return this.#chance(number).pick(deck);
  }

  #make(number: number): Callback {
    if (number >= this.planned) return this.#flood(number);
    const drawn = this.#drawn(number);
    if (drawn !== "duplicate") return this.#callback(number, drawn);
    const first = number - this.#chance(number).between(1, duplicateWithin);
    const isAfter = first >= 0 && this.#drawn(first) === "after";
    return isAfter && isRecognised(this.at(first)) ? this.at(first) : this.#callback(number, "after");
  }

  #callback(number: number, drawn: Exclude<Drawn, "duplicate">): Callback {
    const chance = this.#chance(number);
    chance.next();
    switch (drawn) {
      case "after": {
        const { name, example } = chance.pick(afters);
        return this.#kept(number, name, example);
      }
      case "unknown":
        return this.#kept(number, "Group.CallbackAfterSomethingNew", { GroupId: "", Novelty: ["new", null] });
      case "misfit":
        return {
          ...this.#kept(number, "Group.CallbackAfterRecallMsg", { GroupId: "", MsgSeqList: [{}] }),
          kind: "quarantined",
          status: 400,
        };
      case "asked": {
        const refuse = chance.happens(0.3);
        return this.#message(number, "Group", `ask ${refuse ? "refuse" : "allow"} ${number}`, (answer) => {
          if (answer.ErrorCode === spareCode) return "spare";
          return answer.ErrorCode === (refuse ? 1 : 0) ? "right" : "wrong";
        });
      }
      case "link":
        return this.#message(
          number,
          "Group",
          `see http://example.com/${number}`,
          ({ ErrorCode, ErrorInfo }) => (ErrorCode === 1 && ErrorInfo === refusedLink ? "right" : "wrong"),
        );
      case "word": {
        const masked = JSON.stringify(messageOf(`a ${mask}, please`));
        return this.#message(number, "C2C", `a ${badWord}, please`, ({ ErrorCode, MsgBody }) =>
          ErrorCode === 0 && JSON.stringify(MsgBody) === masked ? "right" : "wrong",
        );
      }
      case "defaulted": {
        const { name, example, answer: spec } = chance.pick(defaults);
        const callback = this.#kept(number, name, example);
        return {
          ...callback,
          kind: "decided",
          judge: (answer) =>
            JSON.stringify(answer) === okAnswer(spec, JSON.parse(callback.body)) ? "right" : "wrong",
        };
      }
      default:
        return this.#unkept(number, drawn);
    }
  }

  #unkept(number: number, drawn: "probe" | "unsigned" | "stranger" | "broken" | "oversized"): Callback {
    const callback = this.#kept(number, "State.StateChange", catalogue.get("State.StateChange")!.example);
    const refused = { ...callback, kind: "refused" as const };
    switch (drawn) {
      case "probe":
        return { ...callback, kind: "probe", body: number % 2 === 0 ? "" : "{}" };
      case "unsigned":
        return { ...refused, status: 403, query: { sign: "0".repeat(64) } };
      case "stranger":
        return { ...refused, status: 403, query: { app: "1400000001" } };
      case "broken":
        return { ...refused, status: 400, body: callback.body.slice(0, -1) };
      case "oversized":
        return { ...refused, status: 413, body: `${callback.body}${" ".repeat(1024 * 1024)}` };
    }
  }

  #message(number: number, family: "Group" | "C2C", text: string, judge: Callback["judge"]): Callback {
    const { name, example } = catalogue.get(`${family}.CallbackBeforeSendMsg`)!;
    const callback = this.#kept(number, name, { ...example, MsgBody: messageOf(text) });
    return { ...callback, kind: "decided", judge: judge! };
  }

  /** A large body, from 600 to 900 KB. */
  #flood(number: number): Callback {
    const { name, example } = catalogue.get("Group.CallbackAfterSendMsg")!;
    const text = "flood ".repeat(this.#chance(number).between(100_000, 150_000));
    return this.#kept(number, name, { ...example, MsgBody: messageOf(text) });
  }

  #kept(number: number, command: string, example: object): Callback {
    const chance = this.#chance(-number);
    const dueAt = Math.floor(this.dueAt(number));
    const like = (old: unknown, value: number) => (typeof old === "string" ? String(value) : value);
    const time = (old: unknown) => like(old, Number(old) > 1e11 ? dueAt : Math.floor(dueAt / 1_000));
    const someone = () => `user-${chance.between(1, accounts)}`;
    const among = chance.happens(busyShare) ? busyGroups : groups;
    const group = "GroupId" in example ? `@TGS#soak-${chance.between(1, among)}` : null;
    const renewed: Readonly<Record<string, (old: unknown) => unknown>> = {
      EventTime: time,
      MsgTime: time,
      MsgSeq: (old) => like(old, number),
      Random: (old) => like(old, number),
      MsgKey: () => `${number}_${number}_${Math.floor(dueAt / 1_000)}`,
      GroupId: () => group,
      From_Account: someone,
      To_Account: someone,
    };
    const fields = JSON.stringify(example, (key, value) =>
      typeof value === "object" ? value : (renewed[key]?.(value) ?? value),
    );
    // A number beyond 2^53 and white space show whether a body was parsed and written again.
    const body = `${fields.slice(0, -1)}, "Soak":{"number":${number},"big":144115200000000001,"text":"caf\\u00e9 é 🚢"}}`;
    return { number, kind: "kept", command, group, body, status: 200 };
  }
}

/** Whether the same body, sent again, is the same event: it has an identity, or holds a time. */
function isRecognised({ command, body }: Callback): boolean {
  return catalogue.get(command)?.identity !== undefined || body.includes('"EventTime"');
}

function messageOf(text: string): object[] {
  return [{ MsgType: "TIMTextElem", MsgContent: { Text: text } }];
}

export function labelOf(number: number): string {
  return `s${number}`;
}

/** -1: it is no label of a soak. */
export function numberOf(label: unknown): number {
  const digits = /^s(\d+)$/.exec(String(label));
  return digits ? Number(digits[1]) : -1;
}

/** The parameters of a callback, without its signature. */
export function queryOf({ number, command, query }: Callback): string {
  return `SdkAppid=${query?.app ?? app}&CallbackCommand=${command}&contenttype=json&ClientIP=203.0.113.${number % 250}&OptPlatform=${labelOf(number)}`;
}

let lastSigned = { second: 0, text: "" };

/** `Sign` and `RequestTime`, made once a second. */
export function signatureAt(now: number): string {
  const second = Math.floor(now / 1_000);
  if (lastSigned.second !== second)
    lastSigned = {
      second,
      text: `Sign=${signatureOf(callbackToken, String(second))}&RequestTime=${second}`,
    };
  return lastSigned.text;
}
