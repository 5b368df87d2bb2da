/** What a Worker hands over to a shard: one event to keep, and what the Worker has counted. */
import type { Drift } from "../../callback/drift.ts";
import type { Event } from "../../callback/event.ts";
import { type PackedEvent, packEvent } from "../journal/packed-event.ts";
import type { Counters } from "../meter.ts";

export interface Append extends PackedEvent {
  command: string;
  /** No caller waits for it: a before-callback, which was answered already. */
  patient?: boolean;
  /** For shards of the version before, which looked for loops by it. */
  host?: string;
  /** How the callback differs from Tencent's documents. */
  drift?: Drift[];
  /** Of a quarantined event: the paths of its issues, indexes folded. */
  misfit?: string[];
  /** What the Worker has counted since it last handed something over. */
  tally?: Counters;
}

/** As Workers handed it over before events were packed: an old one may run on while another is deployed. */
export type UnpackedAppend = Omit<Append, keyof PackedEvent | "command"> & { event: Event } & Pick<
    PackedEvent,
    "marks"
  >;

export function upgraded(handed: Append | UnpackedAppend): Append {
  if (!("event" in handed)) return handed;
  const { event, ...rest } = handed;
  return {
    patient: event.phase === "before",
    ...rest,
    ...packEvent(event, handed.marks),
    command: event.command,
  };
}
