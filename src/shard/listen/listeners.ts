/**
 * The listeners of all rules, which are connected to shard 0. A message goes to its listener as a frame, and another
 * frame brings the answer.
 *
 * A laptop that falls asleep leaves its connection half open. A listener that sends `ping` shows that it lives, and the
 * platform answers without waking the object. When such a listener falls silent, it counts as gone. One that never
 * pings is taken at its word: a late answer is a timeout.
 */
import {
  type Exchanged,
  errorFrame,
  type FramedAnswer,
  type FramedRequest,
  readAnswerFrame,
  replacedFrame,
} from "../../delivery/frame.ts";
import { inTime } from "../../in-time.ts";
import type { Clock } from "../clock.ts";
import type { Presence } from "../presence.ts";
import { StopTime } from "../stop-time.ts";

/** The platform's end of a listener's connection. */
export interface ListenerSocket {
  readonly readyState: number;
  send(text: string): void;
  close(code: number, reason: string): void;
  serializeAttachment(value: unknown): void;
  deserializeAttachment(): unknown;
}

/** The part of the platform that tells of pings. */
export interface Pings {
  /** When a connection last sent `ping`, Unix milliseconds; null: never. */
  pingedAt(socket: ListenerSocket): number | null;
}

/** Hears of listeners that come and go. */
type Hearing = Pick<Presence, "came" | "left">;

/** A listener that pings does so every 10 s: after so long without one it is gone. Milliseconds. */
const silentMs = 25_000;

/** How long a stop waits for the requests under way. Milliseconds. */
const stopWithinMs = 5_000;

/** A program that answers mistakes with mistakes must not do so for ever. */
const mistakesInARow = 20;

/** WebSocket.OPEN, and codes of closing: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
const open = 1;
const goingAway = 1001;
const againstPolicy = 1008;
/** Another listener has taken the place. A program that connects again would take it back. */
const replaced = 4000;

/** The facts that must outlive the object. */
interface Attached {
  rule: string;
  arrivedAt: number;
}

interface Exchange {
  id: string;
  readonly ended: Promise<Exchanged>;
  end(exchanged: Exchanged): void;
}

interface Listener {
  readonly rule: string;
  readonly socket: ListenerSocket;
  /** Two may have one id: a shard that has died sent the event, and its next life sends it again. */
  readonly exchanges: Set<Exchange>;
  /** When its last message came, Unix milliseconds; 0: before the object woke, or never. */
  heardAt: number;
  /** A sign of life that lay ahead, because the clock was set back, and when that was seen. Unix milliseconds. */
  ahead: { readonly at: number; readonly seenAt: number };
  mistakes: number;
}

export class Listeners {
  readonly #byRule = new Map<string, Listener>();
  readonly #pings: Pings;
  readonly #presence: Hearing;
  readonly #clock: Clock;
  readonly #stop: StopTime;

  /** @param sockets connected before the object was evicted */
  constructor(sockets: readonly ListenerSocket[], pings: Pings, presence: Hearing, clock: Clock) {
    this.#pings = pings;
    this.#presence = presence;
    this.#clock = clock;
    this.#stop = new StopTime(clock);
    for (const socket of sockets.filter(isOpen))
      this.#add(socket, socket.deserializeAttachment() as Attached);
  }

  /** Whether no listener can be connected now. */
  get stopped(): boolean {
    return this.#stop.lasts;
  }

  /** Connects the listener of a rule. An older one is told, and closed. */
  connect(rule: string, socket: ListenerSocket): void {
    const older = this.#byRule.get(rule);
    if (older) {
      trySend(older, replacedFrame);
      this.#end(older, replaced, "another listener has taken over");
    }
    const attached: Attached = { rule, arrivedAt: this.#presence.came(rule) };
    socket.serializeAttachment(attached);
    this.#add(socket, attached);
  }

  #add(socket: ListenerSocket, { rule }: Attached): void {
    this.#byRule.set(rule, {
      rule,
      socket,
      exchanges: new Set(),
      heardAt: 0,
      ahead: { at: 0, seenAt: 0 },
      mistakes: 0,
    });
  }

  /** Sends a request to the listener of a rule, and waits for its answer. Never rejects. */
  exchange(rule: string, request: FramedRequest): Promise<Exchanged> {
    const listener = this.#byRule.get(rule);
    if (this.stopped || !listener || !this.#lives(listener)) return Promise.resolve({ kind: "unsent" });
    const sentAt = this.#clock.now();
    if (!trySend(listener, JSON.stringify(request))) {
      this.#drop(listener);
      return Promise.resolve({ kind: "unsent" });
    }
    const { promise: ended, resolve } = Promise.withResolvers<Exchanged>();
    const exchange: Exchange = {
      id: request.id,
      ended,
      end(exchanged) {
        cancel();
        listener.exchanges.delete(exchange);
        resolve(exchanged);
      },
    };
    const end = () => {
      if (this.#lives(listener)) exchange.end({ kind: "late" });
    };
    const late = () => {
      const wait = request.kind === "event" ? this.#doubtMs(listener, sentAt) : 0;
      if (wait > 0) cancel = this.#clock.after(wait, end);
      else end();
    };
    let cancel = this.#clock.after(request.deadlineMs, late);
    listener.exchanges.add(exchange);
    return ended;
  }

  /** A listener has sent a message; of other connections this knows nothing. */
  message(socket: ListenerSocket, message: string | ArrayBuffer): void {
    const listener = this.#of(socket);
    if (!listener) return;
    listener.heardAt = this.#clock.now();
    const answer = typeof message === "string" ? readAnswerFrame(message) : "a frame is a text, not binary";
    const mistake = typeof answer === "string" ? answer : this.#take(listener, answer);
    if (mistake === null) {
      listener.mistakes = 0;
      return;
    }
    trySend(listener, errorFrame("bad_frame", mistake));
    if (++listener.mistakes < mistakesInARow) return;
    this.#end(listener, againstPolicy, `${mistakesInARow} wrong frames in a row`);
    this.#presence.left(listener.rule);
  }

  /** Answers the mistake: nothing waits for the answer. */
  #take({ exchanges }: Listener, { id, ...answer }: FramedAnswer): string | null {
    const asked = [...exchanges].filter((exchange) => exchange.id === id);
    for (const exchange of asked) exchange.end({ kind: "answered", answer });
    return asked.length > 0
      ? null
      : "id: nothing waits for this answer; it came too late, or the id is another one";
  }

  /** A connection has ended; one that is no listener's is none of ours. */
  closed(socket: ListenerSocket): void {
    const listener = this.#of(socket);
    if (listener) this.#drop(listener);
  }

  /** Before the process ends: sends nothing more, and lets the requests under way end, within some seconds. */
  async stop(): Promise<void> {
    this.#stop.begin();
    const underway = [...this.#byRule.values()].flatMap(({ exchanges }) =>
      [...exchanges].map(({ ended }) => ended),
    );
    await inTime(Promise.all(underway), stopWithinMs, () => {}, this.#clock);
    for (const listener of [...this.#byRule.values()]) {
      this.#end(listener, goingAway, "the gateway stops: connect again");
      this.#presence.left(listener.rule);
    }
  }

  #of(socket: ListenerSocket): Listener | undefined {
    return [...this.#byRule.values()].find((listener) => listener.socket === socket);
  }

  /** Whether a listener is still there. One that has fallen silent is closed. */
  #lives(listener: Listener): boolean {
    if (this.#byRule.get(listener.rule) !== listener) return false;
    const pingedAt = this.#pings.pingedAt(listener.socket);
    const silent = pingedAt !== null && this.#clock.now() - this.#shownAt(listener) >= silentMs;
    if (listener.socket.readyState === open && !silent) return true;
    this.#drop(listener);
    return false;
  }

  /** For how long it cannot be said whether a listener is slow, or gone. */
  #doubtMs(listener: Listener, since: number): number {
    const shownAt = this.#shownAt(listener);
    if (this.#pings.pingedAt(listener.socket) === null || shownAt > since) return 0;
    return Math.max(0, shownAt + silentMs - this.#clock.now());
  }

  /** When a listener last showed that it lives. A time ahead is taken for the time at which it was first seen so. */
  #shownAt(listener: Listener): number {
    const at = Math.max(listener.heardAt, this.#pings.pingedAt(listener.socket) ?? 0);
    const now = this.#clock.now();
    if (at <= now) return at;
    if (listener.ahead.at !== at || listener.ahead.seenAt > now) listener.ahead = { at, seenAt: now };
    return listener.ahead.seenAt;
  }

  /** A listener is gone. */
  #drop(listener: Listener): void {
    this.#end(listener, goingAway, "no sign of life");
    this.#presence.left(listener.rule);
  }

  #end(listener: Listener, code: number, reason: string): void {
    this.#byRule.delete(listener.rule);
    try {
      listener.socket.close(code, reason);
    } catch {
      // It is closed already.
    }
    for (const exchange of [...listener.exchanges]) exchange.end({ kind: "left" });
  }
}

/** When the listeners came that are connected still, by rule: they outlive an object that is evicted. */
export function arrivalsOf(sockets: readonly ListenerSocket[]): Record<string, number> {
  const attached = sockets.filter(isOpen).map((socket) => socket.deserializeAttachment() as Attached);
  return Object.fromEntries(attached.map(({ rule, arrivedAt }) => [rule, arrivedAt]));
}

function isOpen({ readyState }: ListenerSocket): boolean {
  return readyState === open;
}

function trySend({ socket }: Listener, frame: string): boolean {
  try {
    socket.send(frame);
    return true;
  } catch {
    return false;
  }
}
