/** A part of the bench, and its findings for people and programs. */
import type { Key } from "./goals.ts";
import type { Sample } from "./sample.ts";
import type { Bench } from "./servers.ts";

/** Measures with a backend and a sender of its own. It may fail: the other parts go on. */
export type Part = (bench: Bench) => Promise<Measured>;

export interface Measured {
  /** Of the goals; a number that the system does not tell is missing. */
  numbers: Partial<Record<Key, Sample>>;
  /** Further findings, and reasons for missing numbers. */
  sentences: readonly string[];
  tables: readonly Table[];
  /** For the chart: bars by group, of each its spread. */
  bars?: ReadonlyMap<string, readonly { name: string; perSecond: Sample }[]>;
}

export interface Table {
  title: string;
  /** Explains the table; empty: it needs no explanation. */
  text: string;
  head: readonly string[];
  rows: readonly string[][];
}
