/** Dead letters of a simulated shard: those within retention, and those that wait for their day to be dropped. */
import { positionAt } from "../../src/shard/journal/position.ts";
import { type Books, booksOf } from "../shard/books.ts";
import type { SimulatedGateway } from "./gateway.ts";
import type { SimulatedObject } from "./object.ts";
import { hasTables } from "./object-storage.ts";

type Letter = Books["settled"][number];

export function lettersOf(
  object: SimulatedObject,
  { retentionMs }: SimulatedGateway,
  { settled }: Pick<Books, "settled">,
): { kept: Letter[]; past: Letter[] } {
  const oldest = positionAt(object.now() - retentionMs);
  const dead = settled.filter(({ state }) => state === "dead");
  return {
    kept: dead.filter(({ position }) => position >= oldest),
    past: dead.filter(({ position }) => position < oldest),
  };
}

/** How many dead letters of a destination all shards have. */
export function countLetters(gateway: SimulatedGateway, name: string, which: "kept" | "past"): number {
  return gateway.shards
    .flatMap((object) =>
      object && hasTables(object)
        ? lettersOf(object, gateway, booksOf(object.database, object.name))[which]
        : [],
    )
    .filter(({ destination }) => destination === name).length;
}
