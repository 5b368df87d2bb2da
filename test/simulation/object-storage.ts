/** The storage of a simulated object, as the platform offers it to the object's code. */
import type { DatabaseSync } from "node:sqlite";
import { newSql } from "../shard/sqlite.ts";
import type { SimulatedAlarm } from "./alarm.ts";
import type { SimulatedDisk } from "./disk.ts";

/** The life of the object that uses the storage. */
interface Life {
  /** Throws if it has ended. */
  mustLive(): void;
  /** Throws if it ends with this write. */
  mayDie(): void;
  alive(): boolean;
  /** Resolves when everything written is durable. */
  gate(): Promise<void>;
  /** Resolves when the object's code goes on. */
  resumed(): Promise<void>;
}

export function storageOf(disk: SimulatedDisk, alarm: SimulatedAlarm, life: Life) {
  const plain = newSql(disk.database);
  const sql = {
    get databaseSize() {
      return disk.size;
    },
    exec: (text: string, ...bindings: unknown[]) => {
      life.mustLive();
      if (/^\s*SELECT/i.test(text)) return plain.exec(text, ...bindings);
      life.mayDie();
      return disk.write(text, () => plain.exec(text, ...bindings));
    },
  };
  return {
    sql,
    transactionSync: (write: () => void) => {
      life.mayDie();
      disk.atomically(write, life.alive);
    },
    sync: async () => {
      life.mustLive();
      await life.gate();
      await life.resumed();
    },
    getAlarm: async () => {
      await life.resumed();
      return alarm.at;
    },
    setAlarm: async (at: number) => {
      if (!life.alive()) return;
      alarm.set(at);
      disk.dirty();
    },
  };
}

/** An object that died in its first turn has no tables yet. */
export function hasTables({ database }: { readonly database: DatabaseSync }): boolean {
  const names = database.prepare("SELECT name FROM sqlite_master").all() as { name: string }[];
  return ["retry", "blocked", "standing"].every((name) => names.some((one) => one.name === name));
}
