/** The WebSockets of a simulation. */
import type { SimulatedObject } from "./object.ts";

/** The other end of a connection. */
export interface Client {
  receive(text: string): void;
  /** The connection is being closed. */
  leave(): void;
  /** The connection has ended, and nothing has told why. */
  lost?(): void;
}

/** The platform's end of a connection: it outlives an object that is evicted, and ends with one that dies. */
export class SimulatedSocket {
  readyState = 1;
  readonly bufferedAmount = 0;
  /** Set when the object accepts the socket. */
  object: SimulatedObject | null = null;
  tags: string[] = [];
  viewer: Client | null = null;
  /** When the client last sent `ping`, as the timeline has it; null: never. */
  pingedAt: () => number | null = () => null;
  /** How the object has closed it, and when, as the timeline has it. */
  closedWith: { code: number | undefined; at: number } | null = null;
  #attachment = "null";
  /** Frames arrive in their order. */
  #sent: Promise<unknown> = Promise.resolve();

  serializeAttachment(value: unknown): void {
    this.#attachment = JSON.stringify(value);
  }

  deserializeAttachment(): unknown {
    return JSON.parse(this.#attachment);
  }

  /** A frame leaves when every row written before is durable. */
  send(text: string): void {
    if (this.readyState !== 1) throw new Error("the socket is closed");
    const durable = this.object?.disk.flushing;
    this.#sent = this.#sent.then(() => durable).then(() => this.readyState < 3 && this.viewer?.receive(text));
  }

  /** Ends as a machine does that is switched off. */
  end(): void {
    this.readyState = 3;
    this.viewer?.lost?.();
  }

  close(code?: number): void {
    if (this.readyState !== 1) return;
    this.closedWith = { code, at: this.object?.time ?? 0 };
    this.readyState = 2;
    this.viewer?.leave();
  }
}
