/**
 * The static files beside the Worker: the page, and documents that are constants of a release. The code that makes
 * a document stays out of the Worker. The program that builds the page writes them, see `src/cli/documents.ts`.
 */

import { say } from "../sentence.ts";
import type { Context } from "./context.ts";
import { headersOf, Refusal } from "./reply.ts";

/** A file of the static assets; null where there is none. A deployment by an older configuration has no assets at all. */
export async function assetOf(name: string, { env }: Pick<Context, "env">): Promise<Response | null> {
  const { ASSETS } = env as Partial<Pick<Env, "ASSETS">>;
  const found = await ASSETS?.fetch(`http://assets.invalid/${name}`);
  if (found?.ok) return found;
  await found?.body?.cancel();
  return null;
}

/** A document of this release. Throws a refusal where the deployment lacks it. */
export async function documentOf(name: string, context: Pick<Context, "env">): Promise<Response> {
  const found = await assetOf(`documents/${name}`, context);
  if (found !== null) return new Response(found.body, { headers: headersOf("application/json") });
  throw new Refusal(
    503,
    "missing_file",
    say`this deployment lacks the file ${name}: deploy it with the [assets] and the [build] of this release's wrangler.toml`,
  );
}
