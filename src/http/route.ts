/**
 * A route as one value: its method, path, access, query and body beside the function that answers it. The router, the
 * checks and the types of that function come from it. The table of `docs/api.md` and the OpenAPI document come from it and from
 * its documentation in `operations.ts`, which also gives the type of its answer.
 */
import type * as v from "valibot";
import { cut } from "../callback/text.ts";
import { log } from "../log.ts";
import { type Access, authorize, type Caller } from "./authorize.ts";
import type { Context } from "./context.ts";
import type { Fields } from "./fields.ts";
import { tellOf } from "./notices.ts";
import type { Operations } from "./operations.ts";
import { readBody, readParameters, readQuery, refuseBodyFields } from "./read-request.ts";
import { json } from "./reply.ts";

/** A request may name as much as its body holds, and an event is kept of it. Characters. */
const longestTarget = 200;

/** An answer waits for shard 0 to hear of its action for so long. Milliseconds. */
const tellWithinMs = 1_000;

export type Method = "GET" | "POST" | "DELETE";

/** All that the router and the checks of a request know of a route. The rest is in `operations.ts`. */
export interface Description {
  method: Method;
  /** With its parameters in braces: `/api/events/{id}`. */
  path: string;
  /** The operation's name for programs, in camel case; unique. */
  operation: keyof Operations;
  /**
   * `read`: the request must carry a token. `admin`: it must be an `ADMIN_TOKEN`. `receiver`: that, or the secret of the
   * rule that the path names.
   */
  access: Access;
  /** The parameters of its query. */
  query(): Fields;
  /** Whether parameters that it does not know are ignored: people come to a page from anywhere. */
  anyQuery?: true;
  /** The keys of its body, which is a JSON object or nothing. */
  body(): Fields;
  /** The status of its answer, where all goes well. 101: a WebSocket. */
  status: 101 | 200 | 202;
}

/**
 * A description as a route's file writes it: parts with a default may be left out. Fields are made when they are first
 * needed, because most isolates answer callbacks alone.
 */
type Definition<
  Path extends string,
  Needed extends Access,
  Name extends keyof Operations,
  Query,
  Body,
> = Omit<Description, "path" | "operation" | "access" | "query" | "body" | "status"> & {
  path: Path;
  operation: Name;
  access: Needed;
  query?: () => Query;
  body?: () => Body;
  status?: 101 | 202;
  /** Of a route that changes something: `Relay.Action` tells of it once it has succeeded. */
  action?: Action<Call<Path, Needed, Query & Fields, Body & Fields>, AnswerOf<Name> | Response>;
};

/** The value of an operation's answer. */
type AnswerOf<Name extends keyof Operations> = v.InferInput<Operations[Name]["answer"]>;

/** The action of a route, and its target. */
export interface Action<Called, Answered> {
  /** `paused`, `resumed`, `replayed`. */
  name: string;
  /** A destination, an event or an id; null: the call has changed nothing. */
  target(call: Called, answered: Answered): string | null | Promise<string | null>;
}

/** The names in braces of a path. */
type ParameterOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterOf<Rest>
  : never;

type ValuesOf<Named extends Fields> = { readonly [Name in keyof Named]: v.InferOutput<Named[Name]> };

/** A request that has passed all checks of its route. */
export interface Call<Path extends string, Needed extends Access, Query extends Fields, Body extends Fields>
  extends Context {
  /** Null on a public route. Its `sees` decides whether the answer may hold bodies. */
  caller: Needed extends "public" ? null : Caller;
  /** The decoded parts of the path, by their names in braces. */
  params: Readonly<Record<ParameterOf<Path>, string>>;
  query: ValuesOf<Query>;
  body: ValuesOf<Body>;
  /** The body as it was received; empty where there was none. */
  text: string;
}

export interface Route extends Description {
  /**
   * Checks a request and answers it. Throws a `Refusal` for a request that its sender should change.
   * @param parts the parts of the path by their names in braces, still encoded
   */
  respond(context: Context, parts: Readonly<Record<string, string>>): Promise<Response>;
}

type Nothing = Readonly<Record<never, never>>;

/** @param answer returns the value of the operation's answer, or a finished response */
export function route<
  const Path extends string,
  const Needed extends Access,
  Name extends keyof Operations,
  Query extends Fields = Nothing,
  Body extends Fields = Nothing,
>(
  definition: Definition<Path, Needed, Name, Query, Body>,
  answer: (
    call: Call<Path, Needed, Query, Body>,
  ) => Promise<AnswerOf<Name> | Response> | AnswerOf<Name> | Response,
): Route {
  const { action, ...described } = definition;
  const { status = 200 } = described;
  const query = once(definition.query ?? (() => ({}) as Query));
  const body = once(definition.body ?? (() => ({}) as Body));
  const access: Access = definition.access;
  return {
    ...described,
    query,
    body,
    status,
    async respond(context, parts) {
      const { request, url, config } = context;
      // The token is looked at first: a request without one costs next to nothing and learns nothing.
      const secrets = access === "receiver" ? secretsOf(parts.name, config) : [];
      const caller = access === "public" ? null : await authorize(request, config, access, secrets);
      const params = readParameters(parts) as Call<Path, Needed, Query, Body>["params"];
      if (caller?.sees === "metadata") refuseBodyFields(url.searchParams, query());
      const asked = readQuery(url.searchParams, query(), definition.anyQuery) as ValuesOf<Query>;
      const { text, values } = await readBody(request, body());
      const call: Call<Path, Needed, Query, Body> = {
        ...context,
        caller: caller as Call<Path, Needed, Query, Body>["caller"],
        params,
        query: asked,
        body: values as ValuesOf<Body>,
        text,
      };
      const answered = await answer(call);
      const target = (await action?.target(call as never, answered)) ?? null;
      if (target !== null) await tellOfAction(action!.name, target, caller, context);
      return answered instanceof Response ? answered : json(answered, status);
    },
  };
}

/** Makes a value at the first call. */
function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
}

/** The secrets of the rule whose name a path has, or of none. */
function secretsOf(name: string | undefined, { rules }: Context["config"]): readonly string[] {
  const listed = rules.listed.find((one) => one.name === name);
  const rule = listed?.rule;
  return (rule && rule.kind !== "answer" ? rule.secrets : listed?.secrets) ?? [];
}

/** The call has succeeded, whether this can be told or not. */
async function tellOfAction(
  action: string,
  target: string,
  caller: Caller | null,
  { env, ctx, config }: Context,
): Promise<void> {
  const by = caller?.by ?? "";
  const body = { action, target: cut(target, longestTarget), by };
  const told = tellOf({ kind: "action", body }, env, config).catch((error) =>
    log.error("action", { action, target, by, error: String(error) }),
  );
  ctx.waitUntil(told);
  await Promise.race([told, scheduler.wait(tellWithinMs)]);
}
