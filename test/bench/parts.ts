/** The parts of the bench by name, in the order in which they run: first what compiles nothing, at the end what takes long. */
import { accepting } from "./accepting.ts";
import { answers } from "./answers.ts";
import { cost } from "./cost.ts";
import { delivering } from "./delivering.ts";
import { growth } from "./growth.ts";
import { journal } from "./journal.ts";
import { memory } from "./memory.ts";
import type { Part } from "./part.ts";
import { processor } from "./processor.ts";
import { sustained } from "./sustained.ts";
import { verdicts } from "./verdicts.ts";
import { waking } from "./waking.ts";
import { worker } from "./worker.ts";

export const parts = {
  worker,
  processor,
  accepting,
  delivering,
  answers,
  sustained,
  journal,
  waking,
  verdicts,
  cost,
  growth,
  memory,
} as const satisfies Readonly<Record<string, Part>>;

export type PartName = keyof typeof parts;

export const partNames = Object.keys(parts) as PartName[];
