/** A program that listens, as it sees its connection: it is handed frames, and says what it likes. */
import type { FramedRequest } from "../../src/delivery/frame.ts";
import type { Shard } from "../../src/shard/shard.ts";
import type { SimulatedGateway } from "./gateway.ts";
import type { SimulatedObject } from "./object.ts";
import type { Client, SimulatedSocket } from "./sockets.ts";

/** How a listener goes: it closes its connection, or falls silent and leaves it half open. */
export const departures = ["leaves", "vanishes"] as const;
export type Departure = (typeof departures)[number];

/** The rules whose listeners are simulated: one gets events, one is asked for verdicts. */
export const listenedRules = ["listened", "judge"] as const;
export type ListenedRule = (typeof listenedRules)[number];

/** Answers the requests of a rule. */
export interface Answering {
  take(request: FramedRequest, listener: SimulatedListener): Promise<void>;
}

/** A listener that pings does so as often as this. Milliseconds. */
const pingEveryMs = 10_000;

/** News arrives within this time, unless the object dies. Milliseconds. */
const toldWithinMs = 2_000;

/** The close codes that tell of another listener, and of mistakes. */
const takenOver = 4000;
const againstPolicy = 1008;

/** So many wrong frames in a row end a connection. */
const mistakesInARow = 20;

type Frame = FramedRequest | { kind: "replaced" } | { kind: "error" };

export class SimulatedListener implements Client {
  readonly rule: ListenedRule;
  readonly complaints: string[] = [];
  readonly #gateway: SimulatedGateway;
  readonly #answering: Answering;
  readonly #pings: boolean;
  readonly #ended: () => void;
  #socket: SimulatedSocket | null = null;
  #left = false;
  #vanishedAt: number | null = null;
  /** Whether it was told that another listener has its place. */
  #replaced = false;
  /** Times at which wrong frames of it were read, and how often it was told of one. */
  readonly #mistakes: number[] = [];
  #told = 0;
  /** Of the life of the shard that has read them: wrong frames after the last other one, and frames of any kind. */
  #read: { by: Shard; wrong: number; all: number } | null = null;

  /** @param ended called when its connection has ended */
  constructor(
    gateway: SimulatedGateway,
    rule: ListenedRule,
    answering: Answering,
    pings: boolean,
    ended: () => void,
  ) {
    this.#gateway = gateway;
    this.rule = rule;
    this.#answering = answering;
    this.#pings = pings;
    this.#ended = ended;
  }

  get connected(): boolean {
    return !this.gone && this.open;
  }

  /** Whether the platform's end of its connection is open, though it may have gone. */
  get open(): boolean {
    return this.#socket?.readyState === 1;
  }

  get gone(): boolean {
    return this.#left || this.#vanishedAt !== null;
  }

  /** Broken promises of its connection, as sentences. */
  *broken(): Iterable<string> {
    yield* this.complaints;
    if (this.#vanishedAt !== null) return;
    if (this.#mustKnow && !this.#replaced) yield "was not told that another one has taken over";
    const longAgo = this.#gateway.timeline.now - toldWithinMs;
    const mistakes = this.#mistakes.filter((at) => at < longAgo).length;
    if (this.open && this.#told < mistakes)
      yield `has sent ${mistakes} wrong frames, and was told of ${this.#told}`;
  }

  /** Whether its place was taken, and nothing kept that from being told. */
  get #mustKnow(): boolean {
    if (this.#socket?.closedWith?.code !== takenOver) return false;
    const { closedWith, object, readyState } = this.#socket;
    const until = closedWith.at + toldWithinMs;
    if (readyState === 3 || this.#gateway.timeline.now <= until) return false;
    return !object!.deaths.some((at) => at >= closedWith.at && at <= until);
  }

  /** The platform has taken the connection. */
  accepted(socket: SimulatedSocket): void {
    const { timeline } = this.#gateway;
    this.#socket = socket;
    socket.viewer = this;
    const since = timeline.now;
    if (this.#pings)
      socket.pingedAt = () => {
        const lasted = (this.#vanishedAt ?? timeline.now) - since;
        return since + Math.floor(lasted / pingEveryMs) * pingEveryMs;
      };
    if (this.#left) this.#close();
  }

  receive(text: string): void {
    if (this.#vanishedAt !== null) return;
    const frame: Frame = JSON.parse(text);
    if (frame.kind === "replaced") this.#replaced = true;
    else if (frame.kind === "error") this.#told++;
    else this.#take(frame);
  }

  #take(request: FramedRequest): void {
    if (this.#replaced) this.complaints.push(`was sent ${request.id} after another one had taken over`);
    if (!this.#left) this.#answering.take(request, this).catch(() => {});
  }

  /** Sends a right frame. @param read called when a shard is about to read it */
  answer(id: string, answer: object, read: (by: Shard) => void = () => {}): void {
    this.#send(JSON.stringify({ id, ...answer }), (by) => {
      this.#note(by, false);
      read(by);
    });
  }

  /** Sends wrong frames. */
  babble(frames: number): void {
    const { chance, timeline } = this.#gateway;
    for (let sent = 0; sent < frames; sent++)
      this.#send(chance.pick(wrongFrames), (by) => {
        if (!this.open) return;
        this.#mistakes.push(timeline.now);
        this.#note(by, true);
      });
  }

  #note(by: Shard, isWrong: boolean): void {
    const { wrong = 0, all = 0 } = this.#read?.by === by ? this.#read : {};
    this.#read = { by, wrong: isWrong ? wrong + 1 : 0, all: all + 1 };
  }

  #send(message: string | ArrayBuffer, read: (by: Shard) => void): void {
    this.#tell((object, socket) =>
      object.call((shard) => {
        read(shard);
        shard.webSocketMessage(socket, message);
        if (this.open && this.#read!.wrong >= mistakesInARow)
          this.complaints.push(`has sent ${this.#read!.wrong} wrong frames in a row, and goes on`);
      }),
    );
  }

  /** Closes the connection, which may not be there yet. The other end may have closed it. */
  leave(): void {
    if (this.gone) return;
    if (this.#socket?.closedWith?.code === againstPolicy && this.#read!.all < mistakesInARow)
      this.complaints.push(`is closed after ${this.#read!.all} frames, for wrong ones`);
    this.#left = true;
    this.#close();
    this.#ended();
  }

  lost(): void {
    this.#ended();
  }

  /** Falls silent: its end of the connection is gone. */
  vanish(): void {
    if (this.#socket) this.#vanishedAt ??= this.#gateway.timeline.now;
    else this.leave();
  }

  #close(): void {
    this.#tell(async (object, socket) => {
      if (this.#socket!.readyState === 1) this.#socket!.readyState = 2;
      object.forget(this.#socket!);
      await object.call((shard) => shard.webSocketClose(socket, 1000, ""));
    });
  }

  /** A message of the listener arrives some milliseconds later. */
  #tell(arrive: (object: SimulatedObject, socket: WebSocket) => Promise<void>): void {
    const { timeline, chance } = this.#gateway;
    timeline.after(chance.between(0, 5), () => {
      const socket = this.#socket;
      if (socket?.object && socket.readyState < 3)
        arrive(socket.object, socket as unknown as WebSocket).catch(() => {});
    });
  }
}

/** No JSON, no object, no answer, an answer to nothing, and no text. */
const wrongFrames: readonly (string | ArrayBuffer)[] = [
  "well",
  "[200]",
  '{"id":"evt_0","status":99}',
  '{"id":"evt_0","state":200}',
  '{"id":"evt_0","status":200}',
  new ArrayBuffer(4),
];
