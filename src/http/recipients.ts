/** The destinations that a replay goes to: what cannot be sent is refused, or left where it is. */
import type { Config } from "../config.ts";
import { Refusal, textsOf } from "./reply.ts";
import type { Call } from "./router.ts";
import { shard } from "./shards.ts";

export interface Recipients {
  /** Null: nobody is named. */
  destinations: string[] | null;
  /** They take nothing now. */
  disabled: string[];
}

/** Reads `destinations` of a body. Throws unless everybody named can be sent to, or is only paused. */
export async function recipientsOf(body: Call["body"], env: Env, config: Config): Promise<Recipients> {
  const destinations = textsOf(body, "destinations");
  const { disabled } = await shard(env, config, 0).join(config.shards);
  const off = config.rules.rules.filter(({ enabled }) => !enabled).map(({ name }) => name);
  for (const name of destinations ?? []) {
    if (config.rules.heldNames.includes(name))
      throw new Refusal(400, "wrong_rule", `${name} has a wrong rule: /health says what to mend`);
    if (!forwards(config, name)) throw unknownDestination(400, name);
    if (off.includes(name))
      throw new Refusal(400, "disabled_destination", `${name} is switched off by its rule: enable it first`);
    if (disabled.includes(name))
      throw new Refusal(400, "disabled_destination", `${name} is disabled: resume it first`);
  }
  return { destinations, disabled: [...disabled, ...off] };
}

/** Whether a rule that is right forwards to it. */
export function forwards({ rules }: Config, name: string): boolean {
  return rules.rules.some((rule) => rule.kind === "forward" && rule.name === name);
}

export function unknownDestination(status: 400 | 404, name: string): Refusal {
  const shown = JSON.stringify(name.slice(0, 100));
  return new Refusal(status, "unknown_destination", `there is no destination ${shown}`);
}
