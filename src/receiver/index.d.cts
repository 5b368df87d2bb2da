import type { CommandName, Envelope, Event } from "./commands.cjs";

export * from "./commands.cjs";

/**
 * Parses the body of a delivery like `JSON.parse`, except for numbers beyond 2^53, which accounts and ids may be. Such
 * a number becomes a text of its digits, while `JSON.parse` would round it.
 * @throws SyntaxError if the text is not JSON
 *
 * Name the body if it is not an `Event`: `parseExactly<Event[]>(text)` with `batch`, `parseExactly<CloudEvent>(text)`.
 * The type is not checked: after a valid signature the gateway is known to have written the body.
 */
export function parseExactly<Body = Event>(text: string): Body;

/**
 * Whether a value is an event of one of these commands, or without `types` of any command in `commands`. The value may come
 * from anywhere, for example a queue or a log. Its `data` is not checked: the gateway has validated it.
 */
export function isEvent<Type extends CommandName>(
  value: unknown,
  ...types: [Type, ...Type[]]
): value is Envelope<Type>;
export function isEvent(value: unknown): value is Event;
