/** The types of the functions for receivers. */
import type { CommandName, Envelope, Event, Verdicts } from "./commands.cjs";

export * from "./commands.cjs";

/** Secrets, and how far apart the two clocks may be. */
export interface Signing {
  /**
   * The rule's `secret`: `whsec_` and base64. Of several, in a list or with commas between them, one must have signed:
   * so a secret is changed.
   */
  secret: string | readonly string[];
  /** The greatest age of a signature, in seconds (300). */
  toleranceSeconds?: number;
}

/** The ids of the events that were handled. A `Set` is one. */
export interface Store {
  has(id: string): boolean | Promise<boolean>;
  /** Called after the event was handled. */
  add(id: string): unknown;
}

export interface Options extends Signing {
  /** Events with these ids are left out. Before-callbacks are not: each question is answered. */
  store?: Store;
}

/** A body that a gateway has signed. */
export interface Verified {
  /** `webhook-id`: the event's id, or a batch's own. The same on every attempt and replay. */
  id: string;
  /** `tim-relay-replay`: `single`, `dead-letters` or the id of a replay; null: no replay. */
  replay: string | null;
  text: string;
}

/** The events of a request, in their order: one, or those of a batch. CloudEvents come as events too. */
export interface Delivery extends Omit<Verified, "text"> {
  events: Event[];
}

/**
 * Verifies the signature of a request, whatever its body is: for rules with `template` or the format `raw`.
 * @throws Refusal if the request is not a POST, or is not signed as it should be
 * @throws TypeError if the secret is none
 */
export function verify(request: Request, options: Signing): Promise<Verified>;

/**
 * Verifies a request and reads its events. Numbers beyond 2^53 come as texts of their digits.
 * @throws Refusal as `verify`, and if the body holds no event
 * @throws TypeError if the secret is none
 */
export function receive(request: Request, options: Options): Promise<Delivery>;

/** A request that is no delivery. */
export class Refusal extends Error {
  constructor(status: number, message: string);
  /** The HTTP status that the sender should get: 400, 401 or 405. */
  readonly status: number;
}

/** Handles the events of a command. The answer to a before-callback is the verdict; without one the action goes on. */
export type Handler<Type extends CommandName = CommandName> = (
  event: Envelope<Type>,
) => Answer<Type> | Promise<Answer<Type>>;

/** The value that a handler may return. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler need not return anything
export type Answer<Type extends CommandName> = (Type extends keyof Verdicts ? Verdicts[Type] : never) | void;

/** A handler for each command, and `*` for all other events, also of commands that Tencent adds. */
export type Handlers = { [Type in CommandName]?: Handler<Type> } & { "*"?: (event: Event) => unknown };

export interface ReceiverOptions extends Options {
  /** Called for one event after another. If it throws, the gateway sends the event, or what is left of a batch, again. */
  on: Handlers | ((event: Event) => unknown);
  /** Told of the errors of handlers (`console.error`). */
  log?: (error: unknown) => void;
}

/**
 * A function that answers the gateway's requests: 200 when each event was handled, 401 for a wrong signature, 500 when a
 * handler throws.
 * @throws TypeError if the secret is none
 */
export function receiver(options: ReceiverOptions): (request: Request) => Promise<Response>;

/** The same for `node:http`, Express and Koa. Nothing may have read the body before. */
export function listener(
  receive: (request: Request) => Promise<Response>,
): (incoming: NodeRequest, outgoing: NodeResponse) => Promise<void>;

/** An `IncomingMessage` of `node:http`. */
export interface NodeRequest extends AsyncIterable<Uint8Array> {
  method?: string | undefined;
  headers: Record<string, string | string[] | undefined>;
  readableEnded: boolean;
}

/** A `ServerResponse` of `node:http`. */
export interface NodeResponse {
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(text: string): unknown;
}

/** A store in memory. @param most the ids of so many events, the newest, are remembered (100,000) */
export function memoryStore(most?: number): Store;

/** Verdicts for handlers of before-callbacks. The compiler holds the code and the fields against the command. */
export const verdict: {
  allow(): { ActionStatus: "OK"; ErrorCode: 0; ErrorInfo: string };
  /** @param code of the command, see `Verdicts` @param text reaches the client with most codes */
  refuse<const Code extends number>(
    code: Code,
    text?: string,
  ): { ActionStatus: "OK"; ErrorCode: Code; ErrorInfo: string };
  /** Lets the action go on with other content, for example `{ MsgBody }`, or with verdicts on single accounts. */
  rewrite<Body extends object>(body: Body): { ActionStatus: "OK"; ErrorCode: 0; ErrorInfo: string } & Body;
};

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
