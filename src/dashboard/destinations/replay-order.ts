/** The form of a replay, and the order that it makes. */

import type { paths } from "../../client/index.js";
import { parseMoment } from "../../rule/when.ts";

export type ReplayOrder = Omit<
  paths["/api/replay"]["post"]["requestBody"]["content"]["application/json"],
  "dryRun"
>;

export type ReplayChoice = NonNullable<ReplayOrder["state"]>;

export const replayChoices = ["all", "dead", "quarantined"] as const satisfies readonly ReplayChoice[];

/** Its fields, as a person has typed them. */
export interface ReplayForm {
  since: string;
  until: string;
  on: string;
  state: ReplayChoice;
  perSecond: string;
}

export const emptyForm: ReplayForm = { since: "1h", until: "", on: "", state: "all", perSecond: "100" };

/** `moment`: no point in time. `order`: the end is not after the beginning. `rate`: no number from 1 to 1,000. */
export type Mistake = "moment" | "order" | "rate";

export type Mistakes = Readonly<Partial<Record<keyof ReplayForm, Mistake>>>;

const highestRate = 1_000;

/** A field of time as Unix milliseconds; null if it is none. An empty end is now. */
export function momentsOf(
  { since, until }: Pick<ReplayForm, "since" | "until">,
  now: number,
): { since: number | null; until: number | null } {
  const from = parseMoment(since, now);
  return { since: from, until: until.trim() === "" ? now : parseMoment(until, now, from ?? undefined) };
}

/**
 * The order with a period of fixed ends, so that the very events are sent that were counted.
 * @param now Unix milliseconds
 */
export function readOrder(
  form: ReplayForm,
  destination: string,
  now: number,
): { order: ReplayOrder } | { mistakes: Mistakes } {
  const { since, until } = momentsOf(form, now);
  const perSecond = Number(form.perSecond);
  const isRate = Number.isInteger(perSecond) && perSecond >= 1 && perSecond <= highestRate;
  const mistakes: Mistakes = {
    ...(since === null && { since: "moment" }),
    ...(until === null ? { until: "moment" } : since !== null && until <= since && { until: "order" }),
    ...(!isRate && { perSecond: "rate" }),
  };
  if (since === null || until === null || Object.keys(mistakes).length > 0) return { mistakes };
  const on = form.on.split(/[\s,，]+/).filter(Boolean);
  return {
    order: {
      destination,
      since: new Date(since).toISOString(),
      until: new Date(until).toISOString(),
      ...(on.length > 0 && { on }),
      state: form.state,
      perSecond,
    },
  };
}
