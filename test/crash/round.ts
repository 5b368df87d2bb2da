/** One round: a gateway with its destinations and callers, the kills, and the state between them. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Books, imbalancesOf, readBooks } from "../shard/books.ts";
import type { Client } from "../support/client.ts";
import type { Gateway, Settings } from "../support/gateway.ts";
import { type Answer, type Received, type Receiver, reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { dawdle, refuse, usualNames, usualRules } from "./destinations.ts";
import { History, outstandingIn } from "./history.ts";
import { Ledger } from "./ledger.ts";
import { type Load, pour } from "./load.ts";
import type { Plan } from "./plan.ts";

/** A gateway that can be killed, in a test or as `npm run serve`. */
export type Host = Client & Pick<Gateway, "url" | "dataDir" | "log" | "seen" | "kill" | "flush" | "start">;

/** A post that a destination had not answered yet. */
export interface Held {
  name: string;
  request: Received;
}

/** The state at a kill. */
export interface Scene {
  /** When the process was gone, Unix milliseconds. */
  at: number;
  /** Labels of callbacks without an answer. */
  unanswered: string[];
  held: Held[];
  /** Calls of the API without an answer, or answered just before. */
  calls: string[];
  books: Books[];
  /** Everything that the process has printed. */
  log: string;
}

/** A call counts as struck so long after its answer: its effects may still be under way. Milliseconds. */
const justAnsweredMs = 25;

/** How long a round may take until everything is delivered, milliseconds. */
const restWithinMs = 120_000;

export class Round {
  readonly plan: Plan;
  readonly ledger = new Ledger();
  readonly history = new History();
  readonly receivers = new Map<string, Receiver>();
  /** The keys of each rule of the next start, by its name. */
  rules: Map<string, object>;
  /** The keys of each rule at the end of the round. */
  readonly lasting: Map<string, object>;
  settings: Settings = {};
  shards: number;
  /** Names whose rule was right and switched on all the time. */
  readonly constant = new Set<string>(usualNames);
  /** By destination: it wants the events that were sent from then on. Absent: all. Unix milliseconds. */
  readonly wantsSince = new Map<string, number>();
  /** Whether a destination wants the event of a label at all. */
  wants: (name: string, label: string) => boolean = () => true;
  /** By destination, labels that it had taken before the round, in order. */
  readonly taken = new Map<string, readonly string[]>();
  /** Destinations that get the events of a conversation in their order. */
  inOrder: readonly string[] = ["ordered", "batched"];
  /** Destinations that give deliveries up. */
  givingUp: readonly string[] = ["refusing"];
  /** Beginnings of labels, one a burst in turn. */
  prefixes: readonly string[] = [""];
  /** By destination: its order holds for events that were sent from then on. */
  readonly orderedSince = new Map<string, number>();
  /** By destination, whether it was paused or resumed last; null: a call got no answer. */
  readonly steered = new Map<string, "pause" | "resume" | null>();
  /** `label destination` of each replay that was asked for; with the time of asking, if it was accepted. */
  readonly replays = new Map<string, number | null>();
  /** Labels of events whose day was dropped. */
  readonly expired = new Set<string>();
  /** By destination, the most events that it can have lost by that. */
  readonly mostExpired = new Map<string, number>();
  readonly problems: string[] = [];
  kills = 0;
  /** Callbacks that a kill left without an answer, and the kept ones among them. */
  readonly cutOff = { unanswered: 0, kept: 0 };
  #host: Host | null = null;
  #loads: Load[] = [];
  /** Names that the gateway knows, and whose rule is not switched off. */
  #known = new Set<string>();
  #bursts = 0;

  constructor(plan: Plan) {
    this.plan = plan;
    this.lasting = usualRules(plan);
    this.rules = new Map(this.lasting);
    this.shards = plan.shards;
  }

  get host(): Host {
    if (!this.#host) throw new Error("the round has no gateway yet");
    return this.#host;
  }

  /** @param start starts a gateway with these settings */
  async open(start: (settings: Settings) => Promise<Host>): Promise<void> {
    for (const [name, keys] of this.rules) if (!("answer" in keys)) await this.receiver(name);
    this.#host = await start(this.#allSettings());
    for (const name of this.rules.keys()) this.#known.add(name);
  }

  /** Fails if a rule of the round is wrong: nothing would come to it. */
  async checkRules(): Promise<void> {
    const problems = (await this.host.problems()).filter((problem) => problem.startsWith("FORWARD_RULES"));
    if (problems.length > 0) throw new Error(`the rules of the round are wrong: ${problems.join("; ")}`);
  }

  /** The receiver of a destination, started if there is none. */
  async receiver(name: string): Promise<Receiver> {
    const known = this.receivers.get(name);
    if (known) return known;
    const receiver = await startReceiver(dawdle(this.plan));
    if (name === "refusing") receiver.answer = refuse(receiver.answer);
    this.receivers.set(name, receiver);
    return receiver;
  }

  #allSettings(): Settings {
    const rules = [...this.rules].map(([name, keys]) => ({
      name,
      ...("answer" in keys ? {} : { url: this.receivers.get(name)!.url }),
      ...keys,
    }));
    return { SHARDS: this.shards, ...this.settings, FORWARD_RULES: rules };
  }

  /** Begins a burst of callbacks. */
  pour(events = this.plan.events): Load {
    const { host, ledger, prefixes } = this;
    const name = `${prefixes[this.#bursts % prefixes.length]}burst${++this.#bursts}`;
    const load = pour(this.plan, { name, events, urlOf: () => host.url, ledger });
    this.#loads.push(load);
    return load;
  }

  /** Resolves when so many more callbacks are acknowledged, or the load has ended. */
  async acknowledged(count: number, load: Load): Promise<void> {
    const enough = this.ledger.answered(200).length + count;
    let ended = false;
    load.ended.then(() => {
      ended = true;
    });
    await until(
      `${enough} callbacks are acknowledged`,
      () => ended || this.ledger.answered(200).length >= enough,
      restWithinMs,
    );
  }

  /** Ends the load and kills the gateway, reads its storage, and checks the invariants. */
  async kill(): Promise<Scene> {
    const now = Date.now();
    const before = {
      unanswered: this.ledger.underWay(),
      held: this.held(),
      calls: this.ledger.calls
        .filter(({ at, answeredAt }) => now >= at && (answeredAt ?? now) >= now - justAnsweredMs)
        .map(({ name }) => name),
      log: this.host.log(),
    };
    for (const load of this.#loads) load.stop();
    await this.host.kill();
    // Posts that the dead process had sent may still be on their way: they belong to the time before.
    await Promise.all([...this.receivers.values()].map((receiver) => receiver.drained()));
    await Promise.all(this.#loads.map(({ ended }) => ended));
    this.#loads = [];
    this.kills++;
    const books = this.read(this.host.dataDir);
    this.cutOff.unanswered += before.unanswered.length;
    this.cutOff.kept += before.unanswered.filter((label) => this.history.kept.has(label)).length;
    return { ...before, at: Date.now(), books };
  }

  /** Reads a copy of a folder: the next start finds the storage as the kill has left it. */
  read(dataDir: string): Books[] {
    const copy = mkdtempSync(join(tmpdir(), "tim-relay-crash-"));
    try {
      cpSync(dataDir, copy, { recursive: true });
      const shards = readBooks(copy);
      this.problems.push(...imbalancesOf({ shards, destinations: [...this.constant] }));
      this.history.observe(shards, Date.now());
      return shards;
    } finally {
      rmSync(copy, { recursive: true, maxRetries: 5 });
    }
  }

  /** Starts the gateway with today's rules and settings. */
  async start(): Promise<void> {
    await this.host.start(this.#allSettings());
    // A new destination gets the events that are sent from now on, and one that is switched on again.
    for (const [name, keys] of this.rules)
      if ("enabled" in keys) this.#known.delete(name);
      else if (!this.#known.has(name)) {
        this.#known.add(name);
        this.wantsSince.set(name, Date.now());
      }
  }

  /** The next rule of this name makes a new destination. */
  forget(name: string): void {
    this.#known.delete(name);
    this.constant.delete(name);
  }

  /** Starts the process, and kills it so many milliseconds later, while it starts or begins its work. */
  async killWhileStarting(afterMs: number): Promise<Scene> {
    const start = this.start().catch(() => {});
    await sleep(afterMs);
    const scene = await this.kill();
    await start;
    return scene;
  }

  /** Ends the load, and starts the gateway again, with other rules or shards if they were changed. */
  async restart(): Promise<Scene> {
    const scene = await this.kill();
    await this.start();
    return scene;
  }

  /** Sends each callback without an answer again, as Tencent does if told to, and some that had one. */
  async resend(): Promise<void> {
    const due = [...this.ledger.sent.values()].filter(
      ({ callback, status }, index) =>
        !callback.label.startsWith("misfit-") && (status === null || (status === 200 && index % 9 === 0)),
    );
    for (const { callback } of due) await this.ledger.send(this.host.url, callback);
  }

  /** Every destination answers in this way from now on; one of them refuses some events still. */
  answer(answer: Answer): void {
    for (const [name, receiver] of this.receivers)
      receiver.answer = name === "refusing" ? refuse(answer) : answer;
  }

  /** Every destination answers 200 at once. */
  allWell(): void {
    this.answer(reply(200));
  }

  /** Posts that a destination has not answered yet. */
  held(): Held[] {
    return [...this.receivers].flatMap(([name, receiver]) =>
      receiver.held().map((request) => ({ name, request })),
    );
  }

  /** Whether the destination has failed one of these events before. */
  isRetry = ({ name, request }: Held): boolean => {
    const { has } = this.receivers.get(name)!;
    return request.labels.some((label) => has(label, 422) || has(label, 500));
  };

  /** Resolves when nothing waits for a destination, and no attempt is due. */
  async rest(except: readonly string[] = []): Promise<void> {
    const left = async () =>
      (await this.host.destinations())
        .filter(({ name, waiting, retrying }) => !except.includes(name) && waiting + retrying > 0)
        .map(({ name, state, waiting, retrying }) => `${name} (${state}): ${waiting} + ${retrying}`);
    await until("nothing waits", async () => (await left()).length === 0, restWithinMs).catch(async () => {
      this.problems.push(...(await left()).map((one) => `it still waits: ${one}`));
    });
  }

  /** From the next start on, the events of this storage are past their retention. */
  expire(books: readonly Books[]): void {
    for (const { label } of this.history.kept.values()) this.expired.add(label);
    for (const name of this.rules.keys())
      this.mostExpired.set(name, (this.mostExpired.get(name) ?? 0) + outstandingIn(books, name));
  }
}
