/**
 * Bindings: services of the platform that an environment holds beside its variables. A rule names them in its addresses.
 * They are told apart by their methods, so that rules are read alike on every runtime.
 */

import { type Sentence, say } from "../sentence.ts";
import type { KeyValueStore } from "./words/kv-list.ts";

/** A Worker of the same account. */
export interface ServiceBinding {
  fetch(url: string, init: RequestInit): Promise<Response>;
}

/** A queue of Cloudflare Queues. https://developers.cloudflare.com/queues/configuration/javascript-apis/ */
export interface QueueBinding {
  sendBatch(messages: readonly { body: string; contentType: "text" }[]): Promise<unknown>;
}

/** A bucket of R2. https://developers.cloudflare.com/r2/api/workers/workers-api-reference/ */
export interface BucketBinding {
  put(
    name: string,
    content: ArrayBuffer,
    metadata: { httpMetadata: { contentType: string }; customMetadata: Record<string, string> },
  ): Promise<unknown>;
}

/** The kinds of bindings, each with the methods that rules need. */
interface BindingOf {
  service: ServiceBinding;
  queue: QueueBinding;
  r2: BucketBinding;
  kv: KeyValueStore;
  objects: object;
}

export type BindingKind = keyof BindingOf;

interface BindingForm {
  /** A method that no kind after this one has. A service has every method: a call of it may be RPC. */
  method: string;
  /** The kind in a sentence. */
  noun: Sentence;
  /** The table of `wrangler.toml` that adds such a binding. */
  table: string;
  /** The end of a sentence about `npm run serve`; absent: it has no such binding. */
  served?: Sentence;
}

/** In the order in which a binding is tried. */
const forms: Readonly<Record<BindingKind, BindingForm>> = {
  service: { method: "fetch", noun: say`a service`, table: "[[services]]" },
  queue: { method: "sendBatch", noun: say`a queue`, table: "[[queues.producers]]" },
  r2: { method: "createMultipartUpload", noun: say`an R2 bucket`, table: "[[r2_buckets]]" },
  kv: {
    method: "getWithMetadata",
    noun: say`a KV namespace`,
    table: "[[kv_namespaces]]",
    served: say`takes a folder of that name in .data/kv`,
  },
  objects: { method: "getByName", noun: say`Durable Objects`, table: "[[durable_objects.bindings]]" },
};

const kinds = Object.keys(forms) as BindingKind[];

function kindOf(value: unknown): BindingKind | null {
  if (typeof value !== "object" || value === null) return null;
  return kinds.find((kind) => typeof Reflect.get(value, forms[kind].method) === "function") ?? null;
}

/** An object that is taken for such a binding. */
export function standIn(kind: BindingKind): object {
  return { [forms[kind].method]: () => {} };
}

/** The environment's binding of that name and kind; null if there is none. */
export function bindingIn<Kind extends BindingKind>(
  env: object,
  name: string,
  kind: Kind,
): BindingOf[Kind] | null {
  const value: unknown = Object.hasOwn(env, name) ? Reflect.get(env, name) : undefined;
  return kindOf(value) === kind ? (value as BindingOf[Kind]) : null;
}

/** The reason why the environment has no binding of that name and kind, as a sentence; null if it has one. */
export function bindingProblem(env: object, name: string, kind: BindingKind): Sentence | null {
  if (bindingIn(env, name, kind) !== null) return null;
  const { noun, table, served = say`has none` } = forms[kind];
  return Object.hasOwn(env, name)
    ? say`expected the binding of ${noun}, and that name is another's`
    : say`there is no such binding: ${noun} is bound by ${table} in wrangler.toml, and npm run serve ${served}`;
}
