/** The parts that an answer of the gateway lacks. */

/** The shards that did not answer in time, by number. A list tells of them in each of its items. */
export function missingShards(answer: unknown): readonly number[] {
  const said: unknown = Array.isArray(answer) ? answer[0] : answer;
  if (typeof said !== "object" || said === null || !("missing" in said)) return [];
  return Array.isArray(said.missing) ? said.missing : [];
}
