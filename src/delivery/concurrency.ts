/**
 * How many posts a destination may have under way at once, learnt from its answers. It begins with a few. The number
 * grows while it is in use and answers stay quick and good. Failures halve it, and so do answers that become slow.
 * These are the ideas of TCP: slow start, the congestion window, and the delays of TCP Vegas.
 * https://www.rfc-editor.org/rfc/rfc5681, https://doi.org/10.1145/190314.190317
 *
 * A slow answer has two causes: the destination takes its time, or the post has waited there for others. Only a trial
 * tells them apart: with half the posts, answers that had waited come sooner. So a number that is in use and has stopped
 * growing is tried against its half now and then. The half stays if it is as good.
 */

/** Plain data, in memory only: after a start the number is learnt anew. */
export interface Concurrency {
  /** The number of posts; answers make its fraction grow. */
  readonly limit: number;
  /** How often the limit was cut. A post that began before the last cut tells nothing of the limit since. */
  readonly cuts: number;
  /** Whether each good answer adds a post, which doubles the limit in the time of one answer: until the first cut. */
  readonly doubling: boolean;
  /** The time that a delivery takes without waiting for others, as far as is known. Milliseconds; null: nothing is. */
  readonly usualMs: number | null;
  /** The present round is a trial of half the posts; null: it is none. */
  readonly trial: Trial | null;
  /** Rounds since the limit has stopped growing, and after how many of them a trial comes. */
  readonly still: number;
  readonly patience: number;
  readonly round: Round;
}

interface Trial {
  /** The time of a delivery before it, milliseconds. */
  readonly ms: number;
  /** The limit from then on, if answers come no sooner. */
  readonly limit: number;
}

/** So many answers as posts were under way. */
interface Round {
  readonly answers: number;
  /** The weights of the answers that failed. */
  readonly trouble: number;
  readonly delivered: number;
  /** The time of these together, milliseconds. */
  readonly ms: number;
  /** The most posts that were under way at once. */
  readonly most: number;
  /** Whether the limit has grown. */
  readonly grown: boolean;
}

/** A post that has ended. */
export interface Ended {
  /** `cuts` when it began. */
  readonly cuts: number;
  /** Posts under way just before its end, this one included. */
  readonly underway: number;
  readonly ms: number;
  readonly delivered: boolean;
  /** Whether the answer shows that the destination is up. */
  readonly alive: boolean;
}

/** Posts at once to a destination of which nothing is known. */
export const firstPosts = 5;

/** A round has at least so many answers, because one alone says little. */
const leastRound = 10;

/** Deliveries that take at most so many times as long as usual are quick; a round of deliveries that take longer is slow. */
const quick = 1.5;
const slow = 3;

/** Half the posts are as good if deliveries then take at most this share of the time. */
const sooner = 0.65;

/** One delivery counts as at most so many times the usual: a few that hang say nothing of the rest. */
const longest = 4;

/** Times below it are noise of the network and of this machine. Milliseconds. */
const noiseMs = 5;

/** The weight of an attempt that shows no life. One that is refused weighs 1: it may be that event's own fault. */
const ailing = 5;

/** Rounds between trials: twice as many after each in which answers came no sooner. */
const leastPatience = 1;
const mostPatience = 32;

const empty: Round = { answers: 0, trouble: 0, delivered: 0, ms: 0, most: 0, grown: false };

/** Nothing is known of the destination: it is new, or was down. @param cuts how often the limit was cut before */
export function firstConcurrency(limit: number, cuts = 0): Concurrency {
  return {
    limit,
    cuts,
    doubling: true,
    usualMs: null,
    trial: null,
    still: 0,
    patience: leastPatience,
    round: empty,
  };
}

/** After a post has ended. @param bound the limit never grows beyond it */
export function afterPost(concurrency: Concurrency, ended: Ended, bound: number): Concurrency {
  if (ended.cuts !== concurrency.cuts) return concurrency;
  const round = withAnswer(concurrency, ended);
  const size = Math.max(leastRound, round.most);
  // More than half of the events were refused, or than a tenth of the posts showed no life.
  if (round.trouble * 2 > size) return halved(concurrency);
  // Twice the posts that were under way are always enough.
  const most = Math.min(bound, 2 * round.most);
  const grows = concurrency.trial === null && isQuick(concurrency, round, ended) && concurrency.limit < most;
  const next = grows
    ? { ...concurrency, limit: Math.min(most, larger(concurrency)), round: { ...round, grown: true } }
    : { ...concurrency, round };
  return round.answers < size ? next : afterRound(next);
}

function withAnswer({ round, usualMs, trial }: Concurrency, ended: Ended): Round {
  const { ms, delivered, alive, underway } = ended;
  const expected = trial?.ms ?? usualMs ?? ms;
  const counted = Math.min(ms, longest * (expected + noiseMs));
  return {
    ...round,
    answers: round.answers + 1,
    trouble: round.trouble + (delivered ? 0 : alive ? 1 : ailing),
    delivered: round.delivered + (delivered ? 1 : 0),
    ms: round.ms + (delivered ? counted : 0),
    most: Math.max(round.most, underway),
  };
}

function isQuick({ usualMs }: Concurrency, round: Round, { ms, delivered }: Ended): boolean {
  return delivered && lateness(ms, usualMs ?? round.ms / round.delivered) <= quick;
}

function larger({ doubling, limit }: Concurrency): number {
  return limit + (doubling ? 1 : 1 / Math.sqrt(limit));
}

function afterRound(concurrency: Concurrency): Concurrency {
  const { limit, usualMs, trial, round } = concurrency;
  const next = { ...concurrency, round: empty };
  if (round.delivered === 0) return next;
  const ms = round.ms / round.delivered;
  if (trial !== null) return afterTrial({ ...next, usualMs: ms, trial: null }, trial, ms);
  // A post that is alone waits for none.
  if (usualMs === null || limit < 2) return { ...next, usualMs: ms };
  if (lateness(ms, usualMs) > slow) {
    const half = halved(concurrency);
    return { ...half, trial: { ms, limit: half.limit } };
  }
  const still = concurrency.still + (!round.grown && round.most >= Math.floor(limit) ? 1 : 0);
  if (still >= concurrency.patience) return { ...halved(concurrency), trial: { ms, limit } };
  return { ...next, still, usualMs: ms < usualMs ? (3 * usualMs + ms) / 4 : usualMs };
}

/** @param tried with the time of the trial's deliveries as the usual one */
function afterTrial(tried: Concurrency, { ms: before, limit }: Trial, ms: number): Concurrency {
  if (ms + noiseMs > (before + noiseMs) * sooner)
    return { ...tried, limit, patience: Math.min(2 * tried.patience, mostPatience) };
  return tried.limit < 2 ? tried : { ...halved(tried), trial: { ms, limit: tried.limit } };
}

function halved(concurrency: Concurrency): Concurrency {
  const { limit, cuts } = concurrency;
  return {
    ...concurrency,
    limit: Math.max(1, Math.floor(limit / 2)),
    cuts: cuts + 1,
    doubling: false,
    trial: null,
    still: 0,
    round: empty,
  };
}

/** How many times as long as usual a delivery takes. */
function lateness(ms: number, usualMs: number): number {
  return (ms + noiseMs) / (usualMs + noiseMs);
}
