/**
 * Sends the example of a command to this gateway itself, as Tencent would: signed, and by the way that every callback
 * takes.
 */

import { assign } from "../callback/assign.ts";
import { catalogue } from "../callback/catalogue.ts";
import { readEventId } from "../callback/event-id.ts";
import { exampleQuery, freshBody } from "../callback/example.ts";
import { signatureOf } from "../callback/signature.ts";
import { isDeeper, type JsonObject, maxDepth, tooDeep } from "../rule/json.ts";
import { nearestOf } from "../rule/nearest.ts";
import { say } from "../sentence.ts";
import { documentOf } from "./assets.ts";
import type { Context, Witness } from "./context.ts";
import { allKept } from "./receive/keep.ts";
import { receiveCallback } from "./receive/receive.ts";
import { Refusal } from "./reply.ts";
import { shard } from "./shards.ts";

interface DescribedCommands {
  commands: { command: string; example: object }[];
}

export interface Example {
  command: string;
  /** Null: the example of the catalogue. */
  body: JsonObject | null;
  /** Values by their paths in the body, `MsgSeqList[0].MsgSeq`; null: none. */
  set: JsonObject | null;
}

/** The answer that Tencent would get, and the event. */
export interface ExampleOutcome {
  /** Null: no event is kept. */
  id: string | null;
  response: Response;
}

/** Throws a refusal if there is no such command, or a path does not lead into the body. */
export async function sendExample(example: Example, context: Context): Promise<ExampleOutcome> {
  const now = Date.now();
  const body = freshBody(await bodyOf(example, context), now, Math.random);
  for (const [path, value] of Object.entries(example.set ?? {})) {
    const problem = assign(body, path, value);
    if (problem !== null) throw new Refusal(400, "bad_set", problem, `set.${path}`);
  }
  const request = await requestOf(example.command, body, now, context);
  const witness: Witness & { id: string | null } = {
    id: null,
    kept(id) {
      this.id = id;
    },
  };
  const response = await receiveCallback({ ...context, request, url: new URL(request.url), witness });
  // The event of a before-callback is kept after the answer.
  await allKept();
  return { id: await existing(witness.id, context), response };
}

async function bodyOf({ command, body, set }: Example, context: Context): Promise<object> {
  for (const [path, value] of Object.entries({ body, set }))
    if (value !== null && isDeeper(value, maxDepth)) throw new Refusal(400, `bad_${path}`, tooDeep, path);
  if (body !== null) return body;
  if (catalogue.has(command)) {
    // The examples stand in the document alone.
    const { commands } = await (await documentOf("commands.json", context)).json<DescribedCommands>();
    return commands.find((one) => one.command === command)!.example;
  }
  const shown = JSON.stringify(command.slice(0, 100));
  const nearest = nearestOf(command.slice(0, 100), catalogue.keys());
  throw new Refusal(404, "unknown_command", say`there is no example of ${shown}: did you mean ${nearest}?`);
}

async function requestOf(
  command: string,
  body: object,
  now: number,
  { request, url, config }: Context,
): Promise<Request> {
  const { apps, tokens } = config.receiving;
  const [token] = tokens;
  const RequestTime = String(Math.floor(now / 1000));
  const signature = token === undefined ? null : { Sign: await signatureOf(token, RequestTime), RequestTime };
  const target = new URL(config.callbackPath, url);
  for (const [name, value] of Object.entries(exampleQuery(apps[0] ?? "", command, signature)))
    target.searchParams.append(name, value);
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  // The address of the caller stands in headers and in `cf`: ALLOW_FROM holds for examples, too.
  const headers = new Headers(request.headers);
  headers.delete("authorization");
  headers.delete("content-encoding");
  headers.set("content-type", "application/json");
  headers.set("content-length", String(bytes.byteLength));
  return new Request(target, { method: "POST", headers, body: bytes, ...(request.cf && { cf: request.cf }) });
}

/** A duplicate has no event of its own. */
async function existing(id: string | null, { env, config }: Context): Promise<string | null> {
  const known = id === null ? null : readEventId(id);
  return known && (await shard(env, config, known.shard).event(id!)) ? id : null;
}
