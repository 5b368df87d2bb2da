/** The mixed requests of a long run: everything that Tencent, an operator or a stranger may send, in new names. */
import { catalogue } from "../../src/callback/catalogue.ts";
import type { Command } from "../../src/callback/command.ts";
import { freshBody } from "../../src/callback/example.ts";
import { callbackToken, queryOf, signed } from "../support/callbacks.ts";
import type { Chance } from "../support/chance.ts";
import { adminToken } from "../support/client.ts";

export interface Sent {
  kind: string;
  method: "GET" | "POST";
  /** Path and query. */
  path: string;
  headers: Record<string, string>;
  body: string;
  /** Statuses of its answer; any other one is a fault. */
  statuses: readonly number[];
}

type Body = Record<string, unknown>;

const commands = catalogue.values();
const after = commands.filter(({ phase }) => phase === "after");
const before = commands.filter(({ phase }) => phase === "before");
const admin = { authorization: `Bearer ${adminToken}` };

/** The callbacks that duplicates are taken from. */
const remembered = 500;

export class Traffic {
  readonly #chance: Chance;
  readonly #recent: { command: string; body: string }[] = [];
  readonly #kinds: readonly (readonly [weight: number, make: () => Sent])[];
  readonly #weights: number;
  #made = 0;
  /** The id of an event that a list has shown. */
  eventId = "evt_unknown";

  constructor(chance: Chance) {
    this.#chance = chance;
    this.#kinds = [
      [300, () => this.#callback(this.#chance.pick(after), "after")],
      [80, () => this.#callback(this.#chance.pick(before), "before")],
      [100, () => this.#duplicate()],
      [40, () => this.#misfit()],
      [40, () => this.#unknownCommand()],
      [40, () => this.#drifting()],
      [1, () => this.#large()],
      [40, () => this.#post("refused: app", { SdkAppid: this.#name("14") }, "{}-", [403])],
      [40, () => this.#post("refused: signature", { Sign: this.#name("forged") }, "{}-", [403])],
      [
        30,
        () =>
          this.#post(
            "refused: JSON",
            { CallbackCommand: "C2C.CallbackAfterSendMsg" },
            `{"${this.#name("cut")}`,
            [400],
          ),
      ],
      [
        20,
        () => this.#post("refused: command", { CallbackCommand: this.#name("a command ") }, "{ }-", [400]),
      ],
      [30, () => this.#probe()],
      [10, () => this.#get("list", this.#list(), admin)],
      [20, () => this.#get("detail", `/api/events/${this.eventId}`, admin, [200, 404])],
      [3, () => this.#get("drift", "/api/drift", admin)],
      [10, () => this.#get("destinations", "/api/destinations", admin)],
      [5, () => this.#get("dead letters", "/api/dead-letters?limit=20", admin)],
      [2, () => this.#get("stats", "/api/stats?minutes=5", admin)],
      [0.5, () => this.#get("commands", "/api/commands", admin)],
      [3, () => this.#get("metrics", "/metrics", admin)],
      [10, () => this.#get("health", "/health")],
      [10, () => this.#get("unknown route", `/${this.#name("route")}?${this.#name("q")}=1`, {}, [404])],
      [
        10,
        () =>
          this.#get("wrong token", "/api/drift", { authorization: `Bearer ${this.#name("t")}` }, [401, 429]),
      ],
    ];
    this.#weights = this.#kinds.reduce((sum, [weight]) => sum + weight, 0);
  }

  next(): Sent {
    this.#made++;
    let left = this.#chance.next() * this.#weights;
    for (const [weight, make] of this.#kinds) {
      left -= weight;
      if (left < 0) return make();
    }
    return this.#probe();
  }

  /** A name that was never sent before. */
  #name(prefix: string): string {
    return `${prefix}${this.#made}`;
  }

  #callback(
    { name, example }: Pick<Command, "name" | "example">,
    kind: string,
    change: Body = {},
    statuses: readonly number[] = [200],
  ): Sent {
    const body = JSON.stringify({
      ...renamed(
        freshBody(example, Date.now(), () => this.#chance.next()),
        this.#made,
      ),
      ...change,
    });
    if (kind === "after") {
      const place = this.#recent.length < remembered ? this.#recent.length : this.#made % remembered;
      this.#recent[place] = { command: name, body };
    }
    return this.#post(kind, { CallbackCommand: name }, body, statuses);
  }

  #duplicate(): Sent {
    if (this.#recent.length === 0) return this.#probe();
    const { command, body } = this.#chance.pick(this.#recent);
    return this.#post("duplicate", { CallbackCommand: command }, body, [200]);
  }

  #misfit(): Sent {
    return this.#post(
      "misfit",
      { CallbackCommand: "Group.CallbackAfterRecallMsg" },
      JSON.stringify({ CallbackCommand: "Group.CallbackAfterRecallMsg", [this.#name("x")]: 1 }),
      [400],
    );
  }

  #unknownCommand(): Sent {
    const name = this.#name("Group.CallbackAfterNews");
    return this.#callback({ name, example: { CallbackCommand: name, GroupId: "@TGS#1" } }, "unknown command");
  }

  #drifting(): Sent {
    return this.#callback(this.#chance.pick(after), "drifting", {
      [this.#name("Field")]: 1,
      [`${this.#name("Other")}${"y".repeat(200)}`]: [1],
    });
  }

  /** A busy machine may take too long to send it. */
  #large(): Sent {
    const text = "z".repeat(this.#chance.between(100_000, 1_000_000));
    const change = { MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: text } }] };
    return this.#callback(catalogue.get("Group.CallbackAfterSendMsg")!, "large", change, [200, 400]);
  }

  #probe(): Sent {
    return this.#post("probe", {}, "{}", [200]);
  }

  #list(): string {
    const queries = [
      "limit=50",
      "limit=20&state=quarantined",
      "limit=20&command=Group.*",
      "limit=5&since=1m",
    ];
    return `/api/events?${this.#chance.pick(queries)}`;
  }

  #get(
    kind: string,
    path: string,
    headers: Record<string, string> = {},
    statuses: readonly number[] = [200],
  ): Sent {
    return { kind, method: "GET", path, headers, body: "", statuses };
  }

  #post(kind: string, query: Record<string, string>, body: string, statuses: readonly number[]): Sent {
    const parameters = {
      ...signed(callbackToken),
      ClientIP: this.#address(),
      OptPlatform: "Android",
      ...query,
    };
    return {
      kind,
      method: "POST",
      path: `/${queryOf(parameters)}`,
      headers: { "content-type": "application/json" },
      body,
      statuses,
    };
  }

  #address(): string {
    return `203.0.113.${this.#made % 256}`;
  }
}

/** The body with accounts and groups of its own. */
function renamed(body: object, n: number): Body {
  return JSON.parse(JSON.stringify(body), (key, value) => {
    if (typeof value !== "string") return value;
    if (key.endsWith("_Account")) return `user-${n % 50_021}`;
    return key === "GroupId" || key === "RoomId" ? `@TGS#${n}` : value;
  });
}
