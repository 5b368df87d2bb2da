/** An append: the event that a Worker hands over to a shard, and the counters of that Worker. */
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
  /** Counts of the Worker since its last append. */
  tally?: Counters;
}

/** The form before events were packed: a Worker of that version may run on while this one is deployed. */
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
