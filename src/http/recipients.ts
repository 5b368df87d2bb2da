/** The destinations that a replay goes to. A destination that cannot be sent to is refused, or left out. */
import type { Config } from "../config.ts";
import { say } from "../sentence.ts";
import { askOne, type Place } from "./ask-each.ts";
import { Refusal } from "./reply.ts";
import { clusterState } from "./shards.ts";

export interface Recipients {
  /** Null: the request names none. */
  destinations: string[] | null;
  /** Destinations that take nothing now. */
  disabled: string[];
}

/** Throws unless each named destination can be sent to, or is only paused. */
export async function recipientsAmong(destinations: string[] | null, place: Place): Promise<Recipients> {
  const { env, config } = place;
  const { disabled } = await askOne(place, 0, "cluster state", () => clusterState(env, config), {
    advice: say`nothing has changed, ask again later`,
  });
  const off = config.rules.rules.filter(({ enabled }) => !enabled).map(({ name }) => name);
  for (const name of destinations ?? []) {
    if (config.rules.heldNames.includes(name)) throw wrongRule(name);
    if (!forwards(config, name)) throw unknownDestination(400, name, config);
    if (off.includes(name))
      throw new Refusal(
        400,
        "disabled_destination",
        say`${name} is switched off by its rule: enable it first`,
      );
    if (disabled.includes(name))
      throw new Refusal(400, "disabled_destination", say`${name} is disabled: resume it first`);
  }
  return { destinations, disabled: [...disabled, ...off] };
}

/** Whether a valid rule forwards to this destination. */
export function forwards({ rules }: Config, name: string): boolean {
  return rules.rules.some((rule) => rule.kind === "forward" && rule.name === name);
}

export function wrongRule(name: string): Refusal {
  return new Refusal(400, "wrong_rule", say`${name} has a wrong rule: /health says what to mend`);
}

export function unknownDestination(
  status: 400 | 404,
  name: string,
  { rules }: Pick<Config, "rules">,
): Refusal {
  const shown = JSON.stringify(name.slice(0, 100));
  const isRule = rules.rules.some((rule) => rule.name === name);
  const sentence = isRule
    ? say`there is no destination ${shown}: the rule of this name does not forward`
    : say`there is no destination ${shown}`;
  return new Refusal(status, "unknown_destination", sentence);
}
