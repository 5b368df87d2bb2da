/** A client of a gateway: callbacks, the API, the health. */
import assert from "node:assert/strict";
import type {
  DeadLetter,
  Destination,
  DetailedDelivery,
  DetailedEvent,
  EventState,
  Health,
  ListedEvent,
  Stats,
} from "./api.ts";
import { type Callback, queryOf, sendCallback, signed } from "./callbacks.ts";
import { until } from "./until.ts";

export const adminToken = "test-admin-token";

/** Objects are sent as JSON, everything else as it is. */
export type Body = NonNullable<RequestInit["body"]> | object;

/** An answer to a callback. */
export interface Answer {
  status: number;
  text: string;
}

/** An answer of the API. */
export interface Reply {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the shape of its answer
  body: any;
}

/** Query parameters; one that is undefined is left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

interface SendOptions {
  /** Parameters given replace the usual ones; undefined leaves one out. */
  query?: Readonly<Record<string, string | undefined>>;
  headers?: Readonly<Record<string, string>>;
  path?: string;
}

interface RequestOptions {
  method?: string;
  /** The bearer token; null: none. */
  token?: string | null;
  headers?: Readonly<Record<string, string>>;
  body?: Body;
}

export interface Client {
  /** POSTs a callback of our app, signed if the gateway has a token. */
  send(command: string | undefined, body: Body, more?: SendOptions): Promise<Answer>;
  /** Sends as `send` does, and fails unless the answer is 200. */
  accept(command: string, body: Body, more?: SendOptions): Promise<Answer>;
  /** Sends a labelled callback. Resolves with the status; rejects when no answer comes. */
  sendLabelled(callback: Callback): Promise<number>;
  /** Sends labelled callbacks one by one, and fails unless each is answered 200. */
  sendAll(callbacks: readonly Callback[]): Promise<void>;

  /** A request by the administrator unless another token is given. */
  request(path: string, options?: RequestOptions): Promise<Response>;
  /** A request of JSON to the API by the administrator; with a body it is a POST. */
  api(path: string, body?: object): Promise<Reply>;
  /** The JSON at a path; fails unless the answer is 200. */
  get(path: string, query?: Query): Promise<Reply["body"]>;
  /** POSTs JSON; fails unless the answer has the status, and resolves with its JSON. */
  post(path: string, body?: object, status?: number): Promise<Reply["body"]>;

  /** A page of events, newest first. */
  events(query?: Query): Promise<{ events: ListedEvent[]; cursor: string | null }>;
  /** All events that fit, newest first, over all pages. */
  allEvents(query?: Query): Promise<ListedEvent[]>;
  /** The labels of all events, oldest first. */
  keptLabels(): Promise<string[]>;
  event(id: string): Promise<DetailedEvent>;
  /** Resolves with the delivery of a labelled event to a destination as soon as it is in that state. */
  delivery(label: string, destination: string, state: EventState): Promise<DetailedDelivery>;
  /** All dead letters that fit, over all pages. */
  deadLetters(query?: Query): Promise<DeadLetter[]>;
  destinations(): Promise<Destination[]>;
  /** Fails if there is no such destination. */
  destination(name: string): Promise<Destination>;
  /** Resolves with a destination as soon as it has these properties. */
  destinationIs(name: string, expected: Partial<Destination>, withinMs?: number): Promise<Destination>;
  pause(name: string): Promise<Pick<Destination, "name" | "state">>;
  resume(name: string): Promise<Pick<Destination, "name" | "state">>;
  /** DELETEs a destination, of which no rule is left. */
  forget(name: string, options?: Pick<RequestOptions, "token">): Promise<Reply>;
  health(): Promise<Health>;
  /** The problems that `/health` names. */
  problems(): Promise<string[]>;
  /** Resolves with a problem as soon as one fits. */
  problem(pattern: RegExp): Promise<string>;
  /** Resolves as soon as no problem fits. */
  noProblem(pattern: RegExp): Promise<unknown>;
  stats(query?: Query): Promise<Stats>;
  /** The text of `/metrics`. */
  metrics(): Promise<string>;
}

/**
 * @param urlOf of the gateway, without a slash at the end; changes when the gateway starts again
 * @param tokenOf signs callbacks; empty: they are not signed
 */
export function clientOf(urlOf: () => string, tokenOf: () => string): Client {
  const client: Client = {
    async send(command, body, { query = {}, headers = {}, path = "/" } = {}) {
      const token = tokenOf();
      const parameters = { CallbackCommand: command, ...(token && signed(token)), ...query };
      const response = await fetch(`${urlOf()}${path}${queryOf(parameters)}`, {
        method: "POST",
        headers,
        body: encoded(body),
        duplex: "half",
      } as RequestInit);
      return { status: response.status, text: await response.text() };
    },
    async accept(command, body, more) {
      const answer = await client.send(command, body, more);
      assert.equal(answer.status, 200, `${command}: ${answer.text}`);
      return answer;
    },
    sendLabelled: (callback) => sendCallback(urlOf(), callback),
    async sendAll(callbacks) {
      for (const callback of callbacks)
        assert.equal(await client.sendLabelled(callback), 200, callback.label);
    },

    request: (path, { method = "GET", token = adminToken, headers = {}, body } = {}) =>
      fetch(urlOf() + path, {
        method,
        headers: { ...(token !== null && { authorization: `Bearer ${token}` }), ...headers },
        ...(body !== undefined && { body: encoded(body) }),
      }),
    async api(path, body) {
      return replyOf(await client.request(path, body && { method: "POST", body: JSON.stringify(body) }));
    },
    async get(path, query = {}) {
      const { status, body } = await client.api(path + search(query));
      assert.equal(status, 200, `${path}: ${JSON.stringify(body)}`);
      return body;
    },
    async post(path, body = {}, expected = 202) {
      const answer = await client.api(path, body);
      assert.equal(answer.status, expected, `${path}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    },

    events: (query) => client.get("/api/events", query),
    allEvents: (query = {}) =>
      allPages(async (cursor) => {
        const page = await client.events({ limit: 200, ...query, cursor });
        return { items: page.events, cursor: page.cursor };
      }),
    async keptLabels() {
      return (await client.allEvents()).map(({ platform }) => String(platform)).reverse();
    },
    event: (id) => client.get(`/api/events/${id}`),
    delivery: (label, destination, state) =>
      until(`${label} is ${state} at ${destination}`, async () => {
        const event = (await client.allEvents()).find(({ platform }) => platform === label);
        if (!event) return undefined;
        const { deliveries } = await client.event(event.id);
        return deliveries.find((one) => one.destination === destination && one.state === state);
      }),
    deadLetters: (query = {}) =>
      allPages(async (cursor) => {
        const page = await client.get("/api/dead-letters", { ...query, cursor });
        return { items: page.deadLetters, cursor: page.cursor };
      }),
    destinations: () => client.get("/api/destinations"),
    async destination(name) {
      const destinations = await client.destinations();
      return destinations.find((one) => one.name === name) ?? assert.fail(`there is no ${name}`);
    },
    destinationIs: (name, expected, withinMs) =>
      until(
        `${name} is ${JSON.stringify(expected)}`,
        async () => {
          const destination = await client.destination(name);
          const isSo = Object.entries(expected).every(
            ([key, value]) => destination[key as keyof Destination] === value,
          );
          return isSo && destination;
        },
        withinMs,
      ),
    pause: (name) => client.post(`/api/destinations/${name}/pause`, {}, 200),
    resume: (name) => client.post(`/api/destinations/${name}/resume`, {}, 200),
    forget: async (name, options) =>
      replyOf(await client.request(`/api/destinations/${name}`, { method: "DELETE", ...options })),
    async health() {
      const response = await client.request("/health", { token: null });
      assert.equal(response.status, 200);
      return (await response.json()) as Health;
    },
    async problems() {
      return (await client.health()).problems;
    },
    problem: (pattern) =>
      until(`/health names a problem like ${pattern}`, async () =>
        (await client.problems()).find((problem) => pattern.test(problem)),
      ),
    noProblem: (pattern) =>
      until(`/health names no problem like ${pattern}`, async () =>
        (await client.problems()).every((problem) => !pattern.test(problem)),
      ),
    stats: (query) => client.get("/api/stats", query),
    async metrics() {
      const response = await client.request("/metrics");
      assert.equal(response.status, 200);
      return response.text();
    },
  };
  return client;
}

async function replyOf(response: Response): Promise<Reply> {
  return { status: response.status, headers: response.headers, body: await response.json() };
}

async function allPages<Item>(
  page: (cursor?: string) => Promise<{ items: Item[]; cursor: string | null }>,
): Promise<Item[]> {
  const all: Item[] = [];
  for (let next: string | undefined; ; ) {
    const { items, cursor } = await page(next);
    all.push(...items);
    if (cursor === null) return all;
    next = cursor;
  }
}

/** The query with its question mark; empty without parameters. */
export function search(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) parameters.set(name, String(value));
  return parameters.size === 0 ? "" : `?${parameters}`;
}

function encoded(body: Body): NonNullable<RequestInit["body"]> {
  const isPlain = [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(body));
  return isPlain ? JSON.stringify(body) : (body as NonNullable<RequestInit["body"]>);
}

/** Fails unless the API has refused a request with this status and its usual error. */
export function assertRefused({ status, headers, body }: Reply, expected: number, message?: RegExp): void {
  assert.equal(status, expected, JSON.stringify(body));
  assert.match(headers.get("content-type") ?? "", /^application\/json/);
  assert.deepEqual(Object.keys(body), ["error"]);
  assert.deepEqual(Object.keys(body.error), ["code", "message"]);
  assert.match(body.error.code, /^[a-z_]+$/);
  assert.equal(typeof body.error.message, "string");
  if (message) assert.match(body.error.message, message);
}

/** The answer that accepts an event, and the verdict that allows an action. */
export const okText = '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}';

/** Fails unless a callback was answered with this status, in Tencent's form: OK, or FAIL with a fitting sentence. */
export function assertAnswer({ status, text }: Answer, expected: number, sentence?: RegExp): void {
  assert.equal(status, expected, text);
  if (expected === 200) {
    assert.equal(text, okText);
    return;
  }
  const { ActionStatus, ErrorCode, ErrorInfo, ...rest } = JSON.parse(text);
  assert.deepEqual({ ActionStatus, ErrorCode, rest }, { ActionStatus: "FAIL", ErrorCode: 1, rest: {} });
  assert.equal(typeof ErrorInfo, "string");
  if (sentence) assert.match(ErrorInfo, sentence);
}
