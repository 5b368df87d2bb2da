/** Erasures that an operator of a simulation asks for: one that was answered is made on all shards. */
import { concerns } from "../../src/callback/erase.ts";
import type { ErasurePart } from "../../src/shard/erase/eraser.ts";
import type { Books } from "../shard/books.ts";
import type { SimulatedGateway } from "./gateway.ts";

export class Erasures {
  readonly #gateway: SimulatedGateway;
  readonly #answered: { id: string; account: string; parts: readonly ErasurePart[] }[] = [];
  /** Events of accounts whose erasure was asked for: their waiting deliveries may have been given up. */
  readonly #touched = new Set<string>();
  #asked = 0;

  constructor(gateway: SimulatedGateway) {
    this.#gateway = gateway;
  }

  mayHaveGivenUp(id: string): boolean {
    return this.#touched.has(id);
  }

  /** Erases an account as the Worker does. A shard that cannot count keeps the erasure from beginning. */
  async erase(account: string): Promise<void> {
    const gateway = this.#gateway;
    const started = Math.floor(gateway.timeline.now);
    const id = `ers_${this.#asked++}`;
    for (const { id, conversation } of gateway.sent)
      if (conversation === `account:${account}`) this.#touched.add(id);
    const parts: ErasurePart[] = [];
    for (let index = 0; index < gateway.shardCount; index++) {
      const part = await gateway.ask(index, (shard) => shard.countErasure(account));
      if (part === null) return;
      parts.push(part);
    }
    const answer = await gateway.ask(0, async (shard) => {
      shard.startErasure({ id, target: "0", account, started }, parts);
      return true;
    });
    if (answer) this.#answered.push({ id, account, parts });
  }

  /** Shards with what should be gone by now. */
  *problems(books: readonly Books[]): Iterable<string> {
    for (const { shard, entries, accountsToErase } of books) {
      for (const account of accountsToErase) yield `${shard}: the account ${account} is still to be erased`;
      const index = Number(shard.slice("shard-".length));
      for (const { id, account, parts } of this.#answered) {
        const until = parts[index]?.until ?? 0;
        const left = entries.filter(({ position, event }) => position < until && concerns(event, account));
        if (left.length > 0) yield `${shard}: ${left.length} events are left of the erasure ${id}`;
      }
    }
  }
}
