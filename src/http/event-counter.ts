/** How the Worker counts events for the key `limit`: by objects of the class `Limiter`. */
import { fingerprint } from "../callback/fingerprint.ts";
import type { Config } from "../config.ts";
import type { EventCounter } from "../verdict/event-counter.ts";
import { count } from "./isolate-counters.ts";

/** A limit has as many objects as the gateway has shards: both grow with the traffic. */
export function eventCounter(env: Env, { shards, locationHint }: Config): EventCounter {
  return {
    async placeOf(value) {
      const key = await fingerprint(value);
      return { object: key % shards, key };
    },
    async count(rule, { by, count, seconds }, { object, key }) {
      const name = JSON.stringify([rule, by, count, seconds, object, shards]);
      const hint = locationHint === null ? {} : { locationHint };
      return env.LIMITER.getByName(name, hint).count(key, count, seconds);
    },
    counted: (rule, result) => count(`limited:${rule}:${result}`),
  };
}
