/** The parts that an answer of the gateway lacks. */
import { texts } from "./language.ts";
import { marks } from "./marks.ts";
import { tell } from "./parts/message.tsx";

const text = texts({
  en: { undone: (shards: string) => `Not on shard ${shards}, which does not answer.` },
  zh: { undone: (shards) => `分片 ${shards} 没有响应，未在其上执行。` },
});

/** The shards that did not answer in time, by number. A list tells of them in each of its items. */
export function missingShards(answer: unknown): readonly number[] {
  const said: unknown = Array.isArray(answer) ? answer[0] : answer;
  if (typeof said !== "object" || said === null || !("missing" in said)) return [];
  return Array.isArray(said.missing) ? said.missing : [];
}

/** Tells that an action is done, and where it is not. */
export function tellDone(sentence: string, answer: object): void {
  const shards = missingShards(answer);
  if (shards.length === 0) tell("ok", sentence);
  else tell("warn", `${sentence} ${text.value.undone(shards.join(marks.value.item))}`);
}
