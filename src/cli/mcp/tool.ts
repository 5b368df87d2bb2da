/** A tool: one thing that an agent can ask the gateway, or have it do. */
import { type StandardJsonSchema, toStandardJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import type { Client } from "../../client/index.js";
import { nearestOf } from "../../rule/nearest.ts";
import type { Told } from "./told.ts";

/** https://modelcontextprotocol.io/specification/2025-11-25/server/tools */
interface Annotations {
  readOnlyHint: boolean;
  /** Whether it may end or repeat deliveries, or stop them. */
  destructiveHint: boolean;
  /** Whether a second call changes nothing more. */
  idempotentHint: boolean;
  /** Whether servers beyond the gateway notice it. */
  openWorldHint: boolean;
}

export interface Tool {
  name: string;
  title: string;
  /** For people and for agents. */
  does: string;
  annotations: Annotations;
  input: StandardJsonSchema<unknown, unknown>;
  answer(input: unknown, relay: Client): Promise<Told>;
}

interface Definition<Name extends string, Entries extends v.ObjectEntries> {
  name: Name;
  title: string;
  does: string;
  input: Entries;
  answer(input: v.InferOutput<v.StrictObjectSchema<Entries, undefined>>, relay: Client): Promise<Told>;
}

type Named<Name extends string> = Tool & { name: Name };

/** A tool that reads. */
export function reads<const Name extends string, const Entries extends v.ObjectEntries>(
  definition: Definition<Name, Entries>,
): Named<Name> {
  return toolOf(definition, {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  });
}

/** A tool that acts. */
export function acts<const Name extends string, const Entries extends v.ObjectEntries>(
  hints: Pick<Annotations, "destructiveHint" | "idempotentHint" | "openWorldHint">,
  definition: Definition<Name, Entries>,
): Named<Name> {
  return toolOf(definition, { readOnlyHint: false, ...hints });
}

function toolOf<Name extends string, Entries extends v.ObjectEntries>(
  { name, title, does, input, answer }: Definition<Name, Entries>,
  annotations: Annotations,
): Named<Name> {
  const names = Object.keys(input);
  const schema = v.strictObject(input, (issue) => explained(issue, names));
  return {
    name,
    title,
    does,
    annotations,
    input: toStandardJsonSchema(schema),
    answer: answer as Tool["answer"],
  };
}

function explained(issue: v.BaseIssue<unknown>, names: readonly string[]): string {
  if (issue.expected !== "never") return issue.received === "undefined" ? "is missing" : "expected an object";
  const given = String(issue.path?.at(-1)?.key ?? "");
  const nearest = nearestOf(given, names);
  return nearest === null
    ? "is no argument: this tool takes none"
    : `is no argument: did you mean ${nearest}?`;
}
