/**
 * A command is defined once. Its type, validation, identity, conversation, answer, example, documentation
 * and tests all follow from that one value; adding a command is adding one to its family's file.
 */
import type * as v from "valibot";
import type { AnswerForm } from "./answer.ts";
import type { Phase } from "./event.ts";

export type Body = Readonly<Record<string, unknown>>;

/** Bodies are loose objects: what Tencent adds tomorrow passes. */
type BodySchema = v.GenericSchema<Record<string, unknown>>;

export interface Command<Name extends string = string, Schema extends BodySchema = BodySchema> {
  /** The `CallbackCommand`. */
  readonly name: Name;
  readonly phase: Phase;
  readonly family: string;
  /** One sentence: what has happened, or is about to. */
  readonly summary: string;
  /** Where Tencent describes it: page numbers below cloud.tencent.com/document/product and tencentcloud.com. */
  readonly docs: { readonly zh: string | null; readonly intl: string | null };
  readonly body: Schema;
  /**
   * The values that no second event of this command shares; null where the body lacks one of them.
   * Absent: two events are the same if their bodies are, and hold a time.
   */
  readonly identity?: (body: Body) => readonly unknown[] | null;
  /** What the event is about and ordered by. */
  readonly conversation: (body: Body) => string | null;
  readonly answer: AnswerForm;
  readonly example: v.InferInput<Schema>;
}

/** Lets the compiler infer the name and the body's type, and hold the example against it. */
export function command<const Name extends string, Schema extends BodySchema>(
  definition: Command<Name, Schema>,
): Command<Name, Schema> {
  return definition;
}

/** A command's name when its last part says that the answer decides; so are unknown ones told apart. */
export function phaseByName(name: string): Phase {
  const last = name.slice(name.lastIndexOf(".") + 1);
  return last.startsWith("CallbackBefore") || last.startsWith("CallbackPrev") ? "before" : "after";
}
