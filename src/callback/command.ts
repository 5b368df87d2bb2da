/**
 * A command is defined once. Its type, validation, identity, conversation, answer, example, documentation and tests
 * all follow from that one value. To add a command, add a value to the file of its family.
 */

import { type AnswerSpec, acknowledged } from "./answer.ts";
import { nameOf } from "./conversation.ts";
import type { Phase } from "./event.ts";
import type { Field, ObjectField, ValueOf } from "./field.ts";
import type { Body } from "./json.ts";

/** Bodies are objects with any further fields: fields that Tencent adds later are accepted. */
type BodyField = Field<Record<string, unknown>> & Pick<ObjectField, "entries">;

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
  | "Operations"
  | "Relay";

export interface Command<Name extends string = string, Schema extends BodyField = BodyField>
  extends Documentation<ValueOf<Schema>> {
  /** The `CallbackCommand`. */
  readonly name: Name;
  /** Derived from the name, see `phaseByName`. */
  readonly phase: Phase;
  readonly family: Family;
  /** No page of Tencent's shows the body: only the name and the phase are known. */
  readonly nameOnly?: true;
  readonly body: Schema;
  /**
   * The values that identify an event among all events of this command; null if the body lacks one of them.
   * Absent: two events are duplicates if their bodies are identical and hold a time.
   */
  readonly identity?: (body: Body) => readonly unknown[] | null;
  /** The conversation that the event belongs to and is ordered within; null if it has none. */
  readonly conversation: (body: Body) => string | null;
  /** Absent in a definition: Tencent ignores the answer. */
  readonly answer: AnswerSpec;
}

/**
 * All that only documents tell of a command. In the Worker it is undefined, unless the command's verdicts depend on the
 * body, see `documented.ts`.
 */
export interface Documentation<Example> {
  /** One sentence: the event that has happened or is about to. */
  readonly summary: string;
  /** Further facts for receivers. */
  readonly remarks?: string;
  /** Tencent's pages: their numbers below cloud.tencent.com/document/product and www.tencentcloud.com/document/product. */
  readonly docs: { readonly zh: string | null; readonly intl: string | null };
  /** A body. A definition leaves out the `CallbackCommand` that most bodies repeat. */
  readonly example: Example;
}

type Definition<Name extends string, Schema extends BodyField> = Omit<
  Command<Name, Schema>,
  "family" | "phase" | "answer" | keyof Documentation<unknown>
> & {
  readonly documentation: Documentation<ValueOf<Schema>> | false;
  readonly answer?: AnswerSpec;
};

/**
 * Completes a definition. The compiler infers the name and the body's type, and checks the example against it. The
 * phase follows from the name, and the family from the list that holds the command.
 */
export function command<const Name extends string, Schema extends BodyField>(
  definition: Definition<Name, Schema>,
): Omit<Command<Name, Schema>, "family"> {
  const { documentation, ...rest } = definition;
  const { name, body } = rest;
  const repeated = "CallbackCommand" in body.entries ? { CallbackCommand: name } : {};
  return {
    answer: acknowledged,
    ...rest,
    phase: phaseByName(name),
    ...(documentation as Documentation<ValueOf<Schema>>),
    ...(documentation && { example: { ...repeated, ...documentation.example } }),
  };
}

/** The phase of a command by its name: the last part of a before-callback begins with `CallbackBefore` or `CallbackPrev`. */
export function phaseByName(name: string): Phase {
  const last = name.slice(name.lastIndexOf(".") + 1);
  return last.startsWith("CallbackBefore") || last.startsWith("CallbackPrev") ? "before" : "after";
}

/** An identity made of the values of these fields; null if one is missing, empty, or a number that JSON has rounded. */
export const identifiedBy =
  (...fields: readonly string[]) =>
  (body: Body): readonly unknown[] | null => {
    const values = fields.map((field) => body[field]);
    return values.every((value) => nameOf(value) !== null) ? values : null;
  };
