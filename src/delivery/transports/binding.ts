/** Bindings of the platform, as a transport uses them. A failure is a `NoAnswer`, whose message is public. */
import { bindingIn } from "../../rule/bindings.ts";
import { type Sentence, say } from "../../sentence.ts";
import type { Message } from "../message.ts";
import { NoAnswer } from "../no-answer.ts";
import { secretMask } from "../secrets.ts";
import type { Attempt } from "./transport.ts";
import { untilAborted } from "./until-aborted.ts";

/** The kinds of bindings that carry messages, and the subject of each in a sentence. */
const subjects = { service: say`the service`, queue: say`the queue`, r2: say`the bucket` };

/** Longer messages of the platform are cut. Characters. */
const longest = 200;

/** The environment's binding of that name. Throws where a deploy has removed it since the rules were read. */
export function boundTo<Kind extends keyof typeof subjects>(kind: Kind, name: string, env: object) {
  const binding = bindingIn(env, name, kind);
  if (!binding) throw new NoAnswer(say`${subjects[kind] as Sentence} is not bound any more`);
  return binding;
}

/** Hands a part of a message to the platform. Rejects if it refuses that, with its own words, or when the time is up. */
export async function handOver(
  kind: keyof typeof subjects,
  call: () => Promise<unknown>,
  message: Message,
  { signal, secrets }: Pick<Attempt, "signal" | "secrets">,
): Promise<void> {
  try {
    await untilAborted(call(), signal);
  } catch (error) {
    signal.throwIfAborted();
    const text = error instanceof Error ? error.message : String(error);
    const shown = secretMask(secrets, message)(text.slice(0, longest), text.length > longest);
    throw new NoAnswer(say`${subjects[kind]} failed: ${shown.toWellFormed()}`, { cause: error });
  }
}
