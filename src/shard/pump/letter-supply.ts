/** Fills a mailbox: takes events out of the journal and the retry list when a poll may have them. */
import { maxBatchBytes } from "../../delivery/batch.ts";
import type { Outcome } from "../../delivery/outcome.ts";
import type { Clock } from "../clock.ts";
import type { Journal } from "../journal/journal.ts";
import type { Entry } from "../journal/segment.ts";
import { newTurn, type Turn } from "../turn.ts";
import type { Backlog } from "./backlog.ts";
import type { Job } from "./job.ts";
import type { Jobs } from "./jobs.ts";
import { answerOf, bytesOf, conversationOf, type Letter, type Letters, letterOf } from "./letters.ts";
import type { ReplaySource } from "./replay-source.ts";
import type { Settler } from "./settler.ts";

/** The parts of a pump that a mailbox is filled from. */
export interface MailboxSources {
  readonly jobs: Jobs;
  readonly backlog: Backlog;
  readonly journal: Journal;
  readonly settler: Settler;
  readonly replays: Pick<ReplaySource, "ended">;
  readonly dispatcher: {
    /** False: this turn may read nothing, and the next one may. */
    readonly mayRead: boolean;
    /** False: no event may be handed out now. A run follows when that changes. */
    mayBegin(): boolean;
    settle(job: Job, outcome: Outcome): void;
  };
}

export class LetterSupply {
  readonly #letters: Letters;
  readonly #sources: MailboxSources;
  readonly #clock: Clock;

  constructor(letters: Letters, sources: MailboxSources, clock: Clock) {
    this.#letters = letters;
    this.#sources = sources;
    this.#clock = clock;
  }

  /** Up to so many events that may be handed out now, oldest first. While nothing may, tests may. */
  ready(limit: number, turn: Turn): Letter[] {
    const { free, taken } = this.#letters.sorted();
    if (!this.#sources.dispatcher.mayBegin()) return free.filter(({ job }) => job === null);
    this.#sources.jobs.readToEnd();
    const joining = new Set(free.map(conversationOf).filter((conversation) => conversation !== null));
    let bytes = bytesOf(free);
    while (free.length < limit && bytes < maxBatchBytes) {
      const letter = this.#pull(turn, joining);
      if (letter === null) break;
      const conversation = conversationOf(letter);
      if (conversation !== null && taken.has(conversation)) continue;
      if (conversation !== null) joining.add(conversation);
      bytes += letter.entry.event.size;
      free.push(letter);
    }
    return answerOf(free, limit);
  }

  /** Adds the next event; null: there is none, or no room. */
  #pull(turn: Turn, joining: ReadonlySet<string>): Letter | null {
    if (this.#letters.isFull) return null;
    const job = this.#sources.jobs.next(this.#clock.now(), false, turn, undefined, joining);
    if (job === null) return null;
    const [entry] = job.entries as [Entry];
    return this.#letters.add(letterOf(entry.position, entry, job));
  }

  /** Reads an event again that has waited: retention or an erasure may have taken it. False: it is gone. */
  renew(letter: Letter): boolean {
    const { journal, settler } = this.#sources;
    const { key, job, lastAt } = letter;
    if (job === null || (lastAt === 0 && key >= settler.retainedFrom)) return true;
    this.#letters.remove(key);
    const entry = journal.at(key);
    if (entry) {
      letter.entry = entry;
      this.#letters.add(letter);
      return true;
    }
    this.drop(job);
    return false;
  }

  /** An event that the object had handed out before it started anew: it is under way, and comes first. Null: it is not. */
  resumed(key: number): Letter | null {
    const { journal, backlog, dispatcher } = this.#sources;
    if (key < 0 || !dispatcher.mayRead) return null;
    const event = journal.at(key)?.event;
    if (!event || !backlog.waiting.waits(key, event)) return null;
    const turn = newTurn();
    this.#sources.jobs.readToEnd();
    while (!this.#letters.get(key) && this.#pull(turn, new Set()) !== null);
    return this.#letters.get(key) ?? null;
  }

  /** The job of a letter ends without an outcome. */
  drop(job: Job): void {
    const { jobs, backlog, replays } = this.#sources;
    const [{ position }] = job.entries as [Entry];
    this.#letters.remove(position);
    jobs.ended(job);
    backlog.delivered(job);
    if (job.replay !== null) replays.ended(job.replay, [position], false);
  }
}
