/** Watches every post of the shards as it begins: nothing is sent while a destination is held, or beyond its limits. */

import { firstPosts } from "../../src/delivery/concurrency.ts";
import { concurrencyPerShard, perShard } from "../../src/delivery/rate.ts";
import type { ClusterState } from "../../src/shard/cluster/cluster-state.ts";
import type { SimulatedObject } from "./object.ts";
import type { Post } from "./surroundings.ts";

/** The limits of the destination that has some. */
export const limits = { ratePerSecond: 20, concurrency: 4 };

/** The burst that a rate allows, and the error of a clock of whole milliseconds. */
const burstMs = 100;
const toleranceMs = 2;

/** Posts of one life of an object to the limited destination, as long as clock and number of shards stay. */
interface Stretch {
  key: string;
  posts: Post[];
}

export class PostLimits {
  /** Posts of one life of an object, by destination. */
  readonly #lives = new Map<SimulatedObject, { life: number; posts: Map<string, Post[]> }>();
  readonly #stretches = new Map<SimulatedObject, Stretch>();

  /**
   * The limits that a post breaks that begins now, as sentences.
   * @param configured shards of the deployment
   */
  *brokenBy(post: Post, destination: string, configured: number): Iterable<string> {
    const { object, begunAt } = post;
    const cluster = clusterStateOf(object);
    if (cluster === null) yield `${object.name} sends to ${destination} before it knows what is paused`;
    // A post that was decided in the turn of the pause is on its way: its message is being signed.
    const held = [...(cluster?.paused ?? []), ...(cluster?.disabled ?? [])];
    if (held.includes(destination) && object.disk.metadataWrittenAt < begunAt)
      yield `${object.name} sends to ${destination}, which is paused or disabled`;
    const ofLife = this.#ofLife(post, destination);
    const answers = ofLife.filter(({ answeredAt }) => answeredAt !== null).length;
    if (ofLife.length - answers >= firstPosts + answers)
      yield `${object.name} has ${ofLife.length - answers + 1} posts under way to ${destination} after ${answers} answers`;
    ofLife.push(post);
    if (destination !== "limited") return;
    const shards = Math.max(configured, cluster?.shards ?? 1);
    const posts = this.#stretch(post, shards);
    const slots = concurrencyPerShard(limits.concurrency, shards);
    const underway = posts.filter(({ answeredAt }) => answeredAt === null).length;
    if (underway >= slots) yield `${object.name} has ${underway + 1} posts under way, of ${slots}`;
    posts.push(post);
    const spacing = 1_000 / perShard(limits.ratePerSecond, shards);
    for (const [index, earlier] of posts.entries()) {
      const allowed = begunAt - earlier.begunAt + Math.max(0, burstMs - spacing) + toleranceMs;
      if ((posts.length - 1 - index) * spacing <= allowed) continue;
      yield `${object.name} began ${posts.length - index} posts within ${begunAt - earlier.begunAt} ms`;
      return;
    }
  }

  #ofLife({ object, life }: Post, destination: string): Post[] {
    const known = this.#lives.get(object);
    const posts = known?.life === life ? known.posts : new Map<string, Post[]>();
    if (posts !== known?.posts) this.#lives.set(object, { life, posts });
    const ofDestination = posts.get(destination) ?? [];
    posts.set(destination, ofDestination);
    return ofDestination;
  }

  #stretch({ object, life }: Post, shards: number): Post[] {
    const key = `${life} ${object.clockOffset} ${shards}`;
    const known = this.#stretches.get(object);
    if (known?.key === key) return known.posts;
    const posts: Post[] = [];
    this.#stretches.set(object, { key, posts });
    return posts;
  }
}

/** The state of all shards as the object has it; null: it has none. */
export function clusterStateOf({ database }: SimulatedObject): ClusterState | null {
  const [table] = database.prepare("SELECT name FROM sqlite_master WHERE name = 'standing'").all();
  if (!table) return null;
  const [row] = database.prepare("SELECT value FROM standing WHERE name = 'agreed'").all();
  return row ? JSON.parse(row.value as string) : null;
}
