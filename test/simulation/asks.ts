/** Asks of Workers to a listener: each is decided in time, by the answer that it was given. */
import type { Exchanged, FramedRequest } from "../../src/delivery/frame.ts";
import { responseTo } from "../../src/delivery/transports/transports.ts";
import type { Shard } from "../../src/shard/shard.ts";
import type { SimulatedGateway } from "./gateway.ts";
import type { Answering, SimulatedListener } from "./listener.ts";

/** The rule, as the gateway has it. */
export const judge = {
  name: "judge",
  ask: "listener:",
  on: "Group.CallbackBeforeSendMsg",
  deadlineMs: 1_200,
};

/** An ask under way. */
interface Asked {
  /** How often a listener was asked. */
  times: number;
  /** The start of shard 0 that has read an answer. */
  answeredTo: Shard | null;
}

export class Asks implements Answering {
  readonly complaints: string[] = [];
  readonly #gateway: SimulatedGateway;
  readonly #listeners: () => readonly SimulatedListener[];
  readonly #asked = new Map<string, Asked>();

  constructor(gateway: SimulatedGateway, listeners: () => readonly SimulatedListener[]) {
    this.#gateway = gateway;
    this.#listeners = listeners;
  }

  /** Asks through the gateway's own transport, as a Worker does. */
  async ask(): Promise<void> {
    const { timeline } = this.#gateway;
    const id = `evt_ask${this.#asked.size}`;
    this.#asked.set(id, { times: 0, answeredTo: null });
    const { name: rule, deadlineMs: timeoutMs } = judge;
    const message = {
      id,
      rule,
      address: { kind: "listener", url: judge.ask, written: judge.ask },
      query: "",
      headers: {},
      body: id,
      timeoutMs,
    } as const;
    const now = () => Math.floor(timeline.now);
    const decided = new AbortController();
    const cancel = timeline.after(timeoutMs, () => decided.abort(new DOMException("late", "TimeoutError")));
    const response = await responseTo(message, {
      asks: true,
      at: now(),
      now,
      signal: decided.signal,
      secrets: [],
      env: {},
      fetcher: fetch,
      listeners: { exchange: (_, request) => this.#reach(request) },
    }).catch(() => null);
    cancel();
    const verdict = await response?.text();
    if (verdict !== undefined && verdict !== verdictOf(id))
      this.complaints.push(`the verdict on ${id} is ${verdict}`);
  }

  async #reach(request: FramedRequest): Promise<Exchanged> {
    const { timeline } = this.#gateway;
    const exchanged = await this.#gateway.ask(0, async (shard) => {
      const begunAt = timeline.now;
      const open = this.#listeners().filter((one) => one.open);
      const isSound = open.length === 1 && open[0]!.connected && this.#gateway.mayBeHeard(shard);
      const ended = await shard.exchange(judge.name, request);
      const took = timeline.now - begunAt;
      if (took > request.deadlineMs) this.#complain(request, `ended after ${took} ms`);
      if (ended.kind === "unsent" ? isSound : open.length === 0)
        this.#complain(request, `was ${ended.kind}, with ${open.length} listeners`);
      if (ended.kind !== "answered" && this.#asked.get(request.id)!.answeredTo === shard)
        this.#complain(request, `was answered in time, and called ${ended.kind}`);
      return ended;
    });
    if (exchanged === null) throw new Error("shard 0 has died");
    return exchanged;
  }

  #complain({ id }: FramedRequest, sentence: string): void {
    this.complaints.push(`the ask ${id} ${sentence}`);
  }

  /** Answers at once, or about when the time is up, or never. */
  async take(request: FramedRequest, listener: SimulatedListener): Promise<void> {
    const { timeline, chance } = this.#gateway;
    const asked = this.#asked.get(request.id)!;
    if (request.kind !== "ask" || ++asked.times > 1)
      this.#complain(request, `came ${asked.times} times, as ${request.kind}`);
    const luck = chance.next();
    if (luck < 0.15) return;
    const { deadlineMs } = request;
    await timeline.wait(
      luck < 0.3 ? chance.between(deadlineMs - 200, deadlineMs + 200) : chance.between(0, 20),
    );
    if (listener.gone) return;
    const answer = { status: 200, body: verdictOf(request.id) };
    listener.answer(request.id, answer, (by) => {
      if (listener.open) asked.answeredTo = by;
    });
  }
}

function verdictOf(id: string): string {
  return JSON.stringify({ verdictOn: id });
}
