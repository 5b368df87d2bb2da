/**
 * A list of words that Workers KV holds. It is read when it is used, and again while it is in use, so that a change
 * counts within a minute. While KV fails the last good copy is used. No I/O of its own, no clock: both are given.
 */

import { hex } from "../../callback/sha256.ts";
import { elapsed } from "../../elapsed.ts";
import { type Sentence, say } from "../../sentence.ts";
import { mostBytes, readWordFile, wordsOf } from "./word-file.ts";
import type { WordSet } from "./word-set.ts";

/** A KV namespace. */
export interface KeyValueStore {
  /** @param options `cacheTtl`: a copy of the platform may be so old, seconds */
  get(key: string, options: { type: "stream"; cacheTtl: number }): Promise<ReadableStream<Uint8Array> | null>;
}

/** How old a copy of the platform may be: the least that KV takes. Seconds. */
const cacheTtl = 30;
/** From when on a copy is read again beside its use, and from when on its use waits for that. Milliseconds. */
const freshForMs = 20_000;
const goodForMs = 30_000;
/** How long a use waits. A backend with the default deadline still has its 1.2 s of a verdict's 1.6 s. Milliseconds. */
export const patienceMs = 400;
/** After a failure the next attempt comes so much later. One without an end has failed by then, too. Milliseconds. */
const againMs = 5_000;

interface Attempt {
  /** From 1. */
  number: number;
  /** Unix milliseconds. */
  at: number;
  /** Never fails. */
  ended: Promise<void>;
}

const never = Number.NEGATIVE_INFINITY;

export class KvList {
  /** As rules write it: `kv:WORDS/banned`. */
  readonly written: string;
  /** Null: the list was not read yet, or is missing. */
  words: WordSet | null = null;
  readonly #store: KeyValueStore | null;
  readonly #key: string;
  /** The digest of the text that `words` was made from. */
  #digest = "";
  /** The list is longer than may be read. */
  #cut = false;
  /** When the last attempt that had an answer began. Unix milliseconds, like the others. */
  #readAt = never;
  #failedAt = never;
  /** The reason why the last attempt failed; null: it did not. */
  #failure: Sentence | null = null;
  #attempt: Attempt | null = null;
  #attempts = 0;
  /** The number of the last attempt that had an answer. */
  #answered = 0;

  /** @param store null: the list cannot be read here, and has no words */
  constructor(written: string, store: KeyValueStore | null, key: string) {
    this.written = written;
    this.#store = store;
    this.#key = key;
  }

  /** Begins to read the list where that is due. @returns the end of the attempt under way; null: there is none */
  look(now: number): Promise<void> | null {
    const store = this.#store;
    const pause = this.#attempt ? elapsed(this.#attempt.at, now) : elapsed(this.#failedAt, now);
    if (store && elapsed(this.#readAt, now) >= freshForMs && pause >= againMs) {
      const attempt: Attempt = { number: ++this.#attempts, at: now, ended: Promise.resolve() };
      this.#attempt = attempt;
      attempt.ended = this.#read(store, attempt);
    }
    return this.#attempt?.ended ?? null;
  }

  /** A use waits until then for the attempt under way, at most. Unix milliseconds. */
  waitsUntil(now: number): number {
    if (this.#attempt === null || elapsed(this.#readAt, now) < goodForMs) return never;
    return Math.min(this.#attempt.at, now) + patienceMs;
  }

  /** Events that can wait do so until then: without end for the first copy, as nothing fits before. Unix milliseconds. */
  holdsUntil(now: number): number {
    const unread = this.#readAt === never && this.#store !== null;
    return unread ? Number.POSITIVE_INFINITY : this.waitsUntil(now);
  }

  /** When to look again at the latest, if the list does not come. Unix milliseconds. */
  get againAt(): number {
    return (this.#attempt?.at ?? this.#failedAt) + againMs;
  }

  /**
   * A sentence about the list, which begins with its name; null: all is well, or it was not looked at.
   * @param holds whether the rule's events can wait
   */
  problem(now: number, holds: boolean): Sentence | null {
    const reason =
      this.#failure ??
      (this.#isLate(now) ? say`${this.written} cannot be read, as KV does not answer` : null);
    if (this.#readAt === never) return reason && say`${reason}: ${this.#meanwhile(holds)}`;
    if (this.words === null) return say`${this.written} is missing, so that the rule fits nothing`;
    if (reason !== null) return say`${reason}: its copy of ${new Date(this.#readAt).toISOString()} is used`;
    return this.#cut
      ? say`${this.written} is longer than ${mostBytes / 1024 / 1024} MiB, and the rest is not used`
      : null;
  }

  #meanwhile(holds: boolean): Sentence {
    return holds && this.#store ? say`its events wait until it can` : say`the rule fits nothing until it can`;
  }

  /** Whether an attempt has no answer for so long that its use does not wait for it any more. */
  #isLate(now: number): boolean {
    if (this.#attempt === null || elapsed(this.#readAt, now) < goodForMs) return false;
    return elapsed(this.#attempt.at, now) > patienceMs;
  }

  async #read(store: KeyValueStore, attempt: Attempt): Promise<void> {
    try {
      const stream = await store.get(this.#key, { type: "stream", cacheTtl });
      const file = stream && (await readWordFile(stream));
      const digest = file ? hex(new Uint8Array(await crypto.subtle.digest("SHA-256", file.bytes))) : "";
      // A later attempt may have ended before this one.
      if (attempt.number < this.#answered) return;
      const words = digest === this.#digest ? this.words : file && wordsOf(file);
      if (words === undefined) return this.#fail(say`${this.written} is no text in UTF-8`, attempt);
      this.words = words;
      this.#digest = digest;
      this.#cut = file?.cut ?? false;
      this.#answered = attempt.number;
      this.#readAt = attempt.at;
      this.#failure = null;
    } catch {
      this.#fail(say`${this.written} cannot be read`, attempt);
    } finally {
      if (this.#attempt === attempt) this.#attempt = null;
    }
  }

  #fail(reason: Sentence, { number, at }: Attempt): void {
    if (number < this.#answered) return;
    this.#failedAt = at;
    this.#failure = reason;
  }
}

/** By namespace, and as rules write them. All rules of an isolate share a list, those on trial too. */
const lists = new WeakMap<KeyValueStore, Map<string, KvList>>();

/** @param store null: none of its lists can be read here */
export function kvListOf(store: KeyValueStore | null, binding: string, key: string): KvList {
  const written = `kv:${binding}/${key}`;
  const known = store && lists.get(store)?.get(written);
  if (known) return known;
  const list = new KvList(written, store, key);
  if (store) lists.set(store, (lists.get(store) ?? new Map()).set(written, list));
  return list;
}
