/**
 * Rows of the journal that cannot be read. Each costs its own events alone: they are passed over, and `/health` names
 * them until their day is dropped.
 *
 * Rows written: 1 for each damaged row that is met and remembered.
 */
import { log } from "../../log.ts";

/** The first of them are remembered over a start; further ones are met again only if they are read again. */
const mostRemembered = 200;

export interface DamagedRow {
  position: number;
  /** Its events that cannot be read; 0: its progress record alone. */
  events: number;
}

type Remembered = [position: number, events: number][];

/** Where they are remembered over a start: the shard's metadata. */
export interface DamageMemory {
  read(name: "damaged"): Remembered | null;
  write(rows: { damaged: Remembered }): void;
}

export class DamagedRows {
  readonly #memory: DamageMemory;
  readonly #rows: Map<number, number>;
  /** The list that is remembered, as JSON. */
  #remembered: string;

  constructor(memory: DamageMemory) {
    this.#memory = memory;
    this.#rows = new Map(memory.read("damaged"));
    this.#remembered = JSON.stringify([...this.#rows]);
  }

  get all(): DamagedRow[] {
    return [...this.#rows].map(([position, events]) => ({ position, events }));
  }

  met({ position, events }: DamagedRow, reason: string): void {
    const known = this.#rows.get(position);
    if (known !== undefined && known >= events) return;
    this.#rows.set(position, events);
    log.error("damaged row", { position, events, error: reason });
    this.#write();
  }

  /** The rows before a position are dropped. */
  dropBefore(position: number): void {
    const dropped = [...this.#rows.keys()].filter((one) => one < position);
    for (const one of dropped) this.#rows.delete(one);
    if (dropped.length > 0) this.#write();
  }

  /** A full disk must not keep the other rows from being read. */
  #write(): void {
    const rows = [...this.#rows].slice(0, mostRemembered);
    const remembered = JSON.stringify(rows);
    if (remembered === this.#remembered) return;
    try {
      this.#memory.write({ damaged: rows });
      this.#remembered = remembered;
    } catch (error) {
      log.error("damaged row", { error: String(error) });
    }
  }
}
