/** The simplest design: a row per callback in one Durable Object. No check, no forwarding. */
import { DurableObject } from "cloudflare:workers";

export class Store extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, command TEXT NOT NULL, body TEXT NOT NULL)",
    );
  }

  insert(at, command, body) {
    this.ctx.storage.sql.exec("INSERT INTO event(at, command, body) VALUES (?, ?, ?)", at, command, body);
  }
}

export default {
  async fetch(request, env) {
    const body = await request.text();
    await env.STORE.getByName("store").insert(Date.now(), JSON.parse(body).CallbackCommand, body);
    return new Response('{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}', {
      headers: { "content-type": "application/json" },
    });
  },
};
