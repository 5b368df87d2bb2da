/** Lists of Workers KV before their use. */
import { inTime } from "../../in-time.ts";
import { type Sentence, say } from "../../sentence.ts";
import type { Rule } from "../rule.ts";
import { patienceMs } from "./kv-list.ts";

/** The object that a use runs in: a request, or a shard. */
interface Host {
  /** Work that goes on after the use. */
  waitUntil(work: Promise<unknown>): void;
}

/**
 * Reads the lists of rules that are due, and waits for those whose copies are too old. Never fails.
 * @param longestMs how long it waits at most
 */
export async function freshLists(
  rules: readonly Pick<Rule, "kvLists">[],
  host: Host,
  now: number,
  longestMs = patienceMs,
): Promise<void> {
  const waits = rules.flatMap(({ kvLists }) =>
    kvLists.flatMap((list) => {
      const read = list.look(now);
      if (read === null) return [];
      host.waitUntil(read);
      const ms = list.waitsUntil(now) - now + longestMs - patienceMs;
      return ms > 0 ? [inTime(read, ms, () => {})] : [];
    }),
  );
  await Promise.all(waits);
}

/** The problems of lists of enabled rules, a sentence each. */
export function listProblems(
  rules: readonly Pick<Rule, "kind" | "name" | "enabled" | "kvLists">[],
  now: number,
): Sentence[] {
  const sentences = rules.flatMap(({ kind, name, enabled, kvLists }) =>
    (enabled ? kvLists : []).flatMap((list) => {
      const problem = list.problem(now, kind === "forward");
      return problem === null ? [] : [say`${name}: ${problem}`];
    }),
  );
  return [...new Set(sentences)];
}
