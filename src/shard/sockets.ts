/** The WebSockets of shard 0: viewers of the tail, and listeners. */
import { connectListener } from "./listen/connection.ts";
import type { Listeners } from "./listen/listeners.ts";
import type { Runner } from "./runner.ts";
import { closeBack, connect } from "./tail/connection.ts";
import type { Tail } from "./tail/tail.ts";

/** The stages that use connections. */
interface Users {
  readonly tail: Tail;
  readonly listeners: Listeners;
  readonly runner: Runner;
}

export class Sockets {
  readonly #users: Users;
  readonly #state: DurableObjectState;

  constructor(users: Users, state: DurableObjectState) {
    this.#users = users;
    this.#state = state;
  }

  /** @param request from a Worker that has checked it: its path says which of both connects */
  async connect(request: Request): Promise<Response> {
    const { tail, listeners } = this.#users;
    const isListener = new URL(request.url).pathname === "/listen";
    return isListener
      ? connectListener(request, listeners, this.#state)
      : connect(request, tail, this.#state);
  }

  message(socket: WebSocket, message: string | ArrayBuffer): void {
    const { tail, listeners, runner } = this.#users;
    if (this.#isListener(socket)) {
      // An answer makes room for the next posts, which this invocation begins.
      runner.begin();
      listeners.message(socket, message);
    } else tail.message(socket, message);
  }

  /** The other end closes. */
  async closes(socket: WebSocket, code: number, reason: string): Promise<void> {
    closeBack(socket, code, reason);
    await this.closed(socket);
  }

  /** The connection has ended. */
  async closed(socket: WebSocket): Promise<void> {
    const { tail, listeners } = this.#users;
    if (this.#isListener(socket)) listeners.closed(socket);
    else await tail.closed(socket);
  }

  #isListener(socket: WebSocket): boolean {
    return this.#state.getTags(socket).includes("listener");
  }
}
