/** The types of the client. */
import type { components, paths } from "./api.js";

export type { components, operations, paths } from "./api.js";

type Schemas = components["schemas"];

/** An event as lists have it. */
export type Event = Schemas["Event"];
/** An event with its body and all that became of it. */
export type EventDetail = Schemas["EventDetail"];
export type Destination = Schemas["Destination"];
export type DeadLetter = Schemas["DeadLetter"];
/** The answer of a poll. */
export type Polled = Schemas["Polled"];
/** A line of the live tail, by its `type`. */
export type TailLine = Schemas["TailLine"];

export interface Options {
  /** `https://tim-relay.example.com`. A path of it stands before the paths of the API. */
  url: string;
  /** An `ADMIN_TOKEN` or a `READ_TOKEN` of the gateway; null: only public operations are open. */
  token?: string | null;
  /** How long an answer, or the next piece of a stream, is waited for, in milliseconds (30,000). */
  timeoutMs?: number;
  /**
   * Reads JSON (`JSON.parse`). Accounts and ids may exceed 2^53: where they matter, give a function that keeps them, for
   * example `parseExactly` of `tim-relay/receiver`.
   */
  parse?: (text: string) => unknown;
  /** For the tail. That of the runtime, unless one is given: Node 20 has none, and undici's does. */
  WebSocket?: typeof globalThis.WebSocket;
}

/** @throws TypeError if the URL is none of http or https */
export function connect(options: Options): Client;

/**
 * A gateway's API. A call rejects with an `ApiError` unless the operation succeeds. It rejects with the signal's reason
 * once its `signal` is aborted.
 */
export interface Client {
  /** Without a slash at the end. */
  readonly url: string;
  /** `await relay.get("/api/events/{id}", { path: { id } })` */
  get<Path extends PathWith<"get">>(
    path: Path,
    ...input: Input<paths[Path]["get"]>
  ): Promise<Answer<paths[Path]["get"]>>;
  /** `await relay.post("/api/replay", { body: { destination: "audit", since: "2h" } })` */
  post<Path extends PathWith<"post">>(
    path: Path,
    ...input: Input<paths[Path]["post"]>
  ): Promise<Answer<paths[Path]["post"]>>;
  delete<Path extends PathWith<"delete">>(
    path: Path,
    ...input: Input<paths[Path]["delete"]>
  ): Promise<Answer<paths[Path]["delete"]>>;
  /**
   * The pages of a list, one after the other. A search that takes long gives pages with few items, or none.
   * `for await (const { events } of relay.pages("/api/events", { query: { state: "dead" } }))`
   */
  pages<Path extends PathWithCursor>(
    path: Path,
    ...input: Input<paths[Path]["get"]>
  ): AsyncGenerator<Answer<paths[Path]["get"]>, void, void>;
  /** All events that fit, oldest first, each with its body. Rejects with `export_stopped` where a shard fails. */
  export(query?: ExportQuery, options?: Cancelling): AsyncGenerator<EventDetail, void, void>;
  /** The same as texts, each the line of an event without its line break: nothing is parsed, and no number changes. */
  exportLines(query?: ExportQuery, options?: Cancelling): AsyncGenerator<string, void, void>;
  /**
   * The events of a rule with `"url": "poll:"`, as they come: the next turn of the loop confirms the last events.
   * The `token` of the client is the rule's secret or an `ADMIN_TOKEN`. It rejects where a poll fails; the `after` of the
   * last answer confirms its events later.
   * `for await (const { events } of relay.poll("erp")) await process(events)`
   */
  poll(name: string, options?: PollOptions): AsyncGenerator<Polled, void, void>;
  /**
   * The requests of a rule with `"url": "listener:"` or `"ask": "listener:"`, each to be answered. The `token` of the
   * client is the rule's secret or an `ADMIN_TOKEN`. It rejects with `listener_closed` where the connection is lost, and
   * with `replaced` where a newer listener has taken over.
   * `for await (const request of relay.listen("dev")) request.answer({ status: 204 })`
   */
  listen(name: string, options?: ListenOptions): AsyncGenerator<ListenerRequest, void, void>;
  /**
   * The live tail. A frame is acknowledged when its lines have been taken: a slow reader gets a `gap` instead of
   * missed lines. It ends with the loop, and rejects with `tail_closed` if the gateway ends it.
   */
  tail(query?: TailQuery, options?: TailOptions): AsyncGenerator<TailLine, void, void>;
}

/** An operation that failed. Its message is a sentence for people. */
export class ApiError extends Error {
  /**
   * For programs. Of the API: `unknown_event`, `wrong_token`. Of this client: `unreachable`, `timeout`, `tail_closed`,
   * or `not_the_api` for an answer that is none of the API's.
   */
  readonly code: string;
  /** The HTTP status; null without an answer. */
  readonly status: number | null;
  /** The place in the body that was sent: `rules[1].match.body`. */
  readonly path: string | undefined;
  constructor(
    code: string,
    sentence: string,
    more?: { status?: number | null; path?: string | undefined; cause?: unknown },
  );
}

export interface Cancelling {
  signal?: AbortSignal;
}

export interface PollOptions extends Cancelling {
  /** Events of an answer, at most (100). */
  limit?: number;
  /** The `after` of an earlier answer. */
  after?: string;
}

export interface ListenOptions extends TailOptions {
  /** Called with a sentence where the gateway does not take an answer. */
  onMistake?: (sentence: string) => void;
}

/** The very request that an HTTPS destination would get. */
export interface ListenerRequest {
  /** The `webhook-id`. */
  id: string;
  /** `ask`: the body of the answer is a verdict. */
  kind: "event" | "ask";
  /** Names in lower case. */
  headers: Record<string, string>;
  /** With `"format": "raw"`, Tencent's own query. */
  query?: string;
  body: string;
  /** The time for the answer, milliseconds. */
  deadlineMs: number;
  answer(answer: { status: number; headers?: Record<string, string>; body?: string }): void;
}

export interface TailOptions extends Cancelling {
  /** Called when the gateway has accepted the connection: from then on no line is missed. */
  onOpen?: () => void;
}

export type EventQuery = QueryOf<"/api/events">;
export type ExportQuery = QueryOf<"/api/export">;
export type TailQuery = QueryOf<"/api/tail">;

type Method = "get" | "post" | "delete";

/** The paths that have a method. The page at `/` is for people, and no answer of the API. */
type PathWith<Name extends Method> = {
  [Path in Exclude<keyof paths, "/">]: undefined extends paths[Path][Name] ? never : Path;
}[Exclude<keyof paths, "/">];

type QueryOf<Path extends PathWith<"get">> = Part<paths[Path]["get"], "query">;

/** The paths of lists that go on where a cursor says. */
type PathWithCursor = {
  [Path in PathWith<"get">]: [QueryOf<Path>] extends [never]
    ? never
    : "cursor" extends keyof QueryOf<Path>
      ? Path
      : never;
}[PathWith<"get">];

/** Parameters of a kind; never where an operation has none. */
type Part<Operation, Kind extends "query" | "path"> = Operation extends { parameters: infer Parameters }
  ? Kind extends keyof Parameters
    ? Exclude<Parameters[Kind], undefined>
    : never
  : never;

type Body<Operation> = Operation extends { requestBody?: infer Given }
  ? Exclude<Given, undefined> extends { content: { "application/json": infer Json } }
    ? Json
    : never
  : never;

/** A property that is left out where there is nothing to give, and optional where nothing must be given. */
type Given<Name extends string, Value> = [Value] extends [never]
  ? unknown
  : Record<never, never> extends Value
    ? { [Key in Name]?: Value }
    : { [Key in Name]: Value };

type Parts<Operation> = Given<"path", Part<Operation, "path">> &
  Given<"query", Part<Operation, "query">> &
  Given<"body", Body<Operation>> &
  Cancelling;

type Input<Operation> =
  Record<never, never> extends Parts<Operation> ? [input?: Parts<Operation>] : [input: Parts<Operation>];

/** The JSON of a success. */
type Answer<Operation> = Operation extends { responses: infer Responses }
  ? { [Status in keyof Responses & (200 | 202)]: ContentOf<Responses[Status]> }[keyof Responses & (200 | 202)]
  : never;

type ContentOf<Response> = Response extends { content: infer Content } ? Content[keyof Content] : never;
