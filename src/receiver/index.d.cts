import type { CommandName, Envelope, Event } from "./commands.cjs";

export * from "./commands.cjs";

/**
 * Reads the body of a delivery as `JSON.parse` does, but for numbers beyond 2^53, some accounts and ids among them:
 * those become texts, digit for digit, where `JSON.parse` would round them. Throws a SyntaxError on what is not JSON.
 *
 * Name the body if it is not an `Event`: `parseExactly<Event[]>(text)` with `batch`, `parseExactly<CloudEvent>(text)`.
 * It is taken to be one: whoever has verified the signature knows that the gateway made it.
 */
export function parseExactly<Body = Event>(text: string): Body;

/**
 * Whether a value is an event of one of these commands; without any, of a command in `commands`. It may come from
 * anywhere, a queue or a log for example. Its `data` is not looked into: the gateway has.
 */
export function isEvent<Type extends CommandName>(
  value: unknown,
  ...types: [Type, ...Type[]]
): value is Envelope<Type>;
export function isEvent(value: unknown): value is Event;
