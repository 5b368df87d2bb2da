import { DurableObject } from "cloudflare:workers";

export class Shard extends DurableObject<Env> {}

export default {
  async fetch(): Promise<Response> {
    return new Response("not yet", { status: 503 });
  },
} satisfies ExportedHandler<Env>;
