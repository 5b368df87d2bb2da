/**
 * A command is defined once. Its type, validation, identity, conversation, answer, example, documentation
 * and tests all follow from that one value; adding a command is adding one to its family's file.
 */
import type * as v from "valibot";
import { type AnswerSpec, acknowledged } from "./answer.ts";
import { nameOf } from "./conversation.ts";
import type { Phase } from "./event.ts";

export type Body = Readonly<Record<string, unknown>>;

/** Bodies are loose objects: what Tencent adds tomorrow passes. */
type BodySchema = v.GenericSchema<Record<string, unknown>> & { readonly entries: v.ObjectEntries };

export type Family =
  | "State"
  | "Profile"
  | "Sns"
  | "Follow"
  | "C2C"
  | "Group"
  | "OfficialAccount"
  | "Bot"
  | "Moderation"
  | "Push"
  | "Call"
  | "Live"
  | "Room"
  | "Operations";

export interface Command<Name extends string = string, Schema extends BodySchema = BodySchema> {
  /** The `CallbackCommand`. */
  readonly name: Name;
  /** Tencent's names tell. */
  readonly phase: Phase;
  readonly family: Family;
  /** One sentence: what has happened, or is about to. */
  readonly summary: string;
  /** What else a receiver should know. */
  readonly remarks?: string;
  /** Where Tencent describes it: page numbers below cloud.tencent.com/document/product and tencentcloud.com. */
  readonly docs: { readonly zh: string | null; readonly intl: string | null };
  /** Whether no page shows a body: then only its name and phase are known. */
  readonly nameOnly?: true;
  readonly body: Schema;
  /**
   * The values that no second event of this command shares; null where the body lacks one of them.
   * Absent: two events are the same if their bodies are, and hold a time.
   */
  readonly identity?: (body: Body) => readonly unknown[] | null;
  /** What the event is about and ordered by. */
  readonly conversation: (body: Body) => string | null;
  /** Absent in a definition: the answer is read by nobody. */
  readonly answer: AnswerSpec;
  /** In a definition without the `CallbackCommand` that most bodies repeat. */
  readonly example: v.InferInput<Schema>;
}

type Definition<Name extends string, Schema extends BodySchema> = Omit<
  Command<Name, Schema>,
  "family" | "phase" | "answer"
> & { readonly answer?: AnswerSpec };

/**
 * Lets the compiler infer the name and the body's type, and hold the example against it; adds what follows from
 * the name. Its family is that of the list it stands in.
 */
export function command<const Name extends string, Schema extends BodySchema>(
  definition: Definition<Name, Schema>,
): Omit<Command<Name, Schema>, "family"> {
  const { name, body, example } = definition;
  const repeated = "CallbackCommand" in body.entries ? { CallbackCommand: name } : {};
  return {
    answer: acknowledged,
    ...definition,
    phase: phaseByName(name),
    example: { ...repeated, ...example },
  };
}

/** A command's name when its last part says that the answer decides; so are unknown ones told apart. */
export function phaseByName(name: string): Phase {
  const last = name.slice(name.lastIndexOf(".") + 1);
  return last.startsWith("CallbackBefore") || last.startsWith("CallbackPrev") ? "before" : "after";
}

/** An identity made of these fields; none, where one is missing, empty, or a number that JSON has rounded. */
export const identifiedBy =
  (...fields: readonly string[]) =>
  (body: Body): readonly unknown[] | null => {
    const values = fields.map((field) => body[field]);
    return values.every((value) => nameOf(value) !== null) ? values : null;
  };
