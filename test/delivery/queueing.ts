/** Events on their way to a destination that serves some posts at once, first come, first served. On its own time. */
import { afterPost, firstConcurrency, firstPosts } from "../../src/delivery/concurrency.ts";

export interface DestinationOfTest {
  /** Posts that it serves at once; others wait there. */
  servers: number;
  /** The time that a post takes which waits for none, milliseconds. @param at since the firstConcurrency, milliseconds */
  serviceMs(at?: number): number;
}

interface Load {
  perSecond: number;
  seconds: number;
  bound: number;
}

interface Post {
  cameAt: number;
  begunAt: number;
  cuts: number;
}

/** How often the posts under way are noted, milliseconds. */
const notedMs = 100;

export function deliver({ servers, serviceMs }: DestinationOfTest, { perSecond, seconds, bound }: Load) {
  let concurrency = firstConcurrency(firstPosts);
  const waiting: number[] = [];
  const queue: Post[] = [];
  const served: { post: Post; endsAt: number }[] = [];
  const lags: number[] = [];
  const underwayAt: number[] = [];
  const limitAt: number[] = [];
  let mostUnderway = 0;
  let now = 0;

  const underway = () => queue.length + served.length;
  const serve = () => {
    while (queue.length > 0 && served.length < servers) {
      served.push({ post: queue.shift()!, endsAt: now + serviceMs(now) });
      served.sort((a, b) => a.endsAt - b.endsAt);
    }
  };
  const begin = () => {
    while (waiting.length > 0 && underway() < Math.floor(concurrency.limit)) {
      queue.push({ cameAt: waiting.shift()!, begunAt: now, cuts: concurrency.cuts });
      serve();
    }
    mostUnderway = Math.max(mostUnderway, underway());
  };
  const end = ({ cameAt, begunAt, cuts }: Post) => {
    lags.push(now - cameAt);
    const answer = { cuts, underway: underway(), ms: now - begunAt, delivered: true, alive: true };
    concurrency = afterPost(concurrency, answer, bound);
  };

  let nextAt = 0;
  while (now < seconds * 1_000) {
    const endsAt = served[0]?.endsAt ?? Number.POSITIVE_INFINITY;
    now = Math.min(nextAt, endsAt);
    if (nextAt <= endsAt) {
      waiting.push(now);
      nextAt += 1_000 / perSecond;
    } else {
      end(served[0]!.post);
      served.shift();
      serve();
    }
    begin();
    while (underwayAt.length * notedMs < now) {
      underwayAt.push(underway());
      limitAt.push(concurrency.limit);
    }
  }
  const sorted = lags.toSorted((a, b) => a - b);
  return {
    delivered: lags.length,
    /** The time from an event's coming to its delivery that a share of all does not exceed. */
    lagMs: (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.POSITIVE_INFINITY,
    mostUnderway,
    underwayAt,
    limitAt,
  };
}
