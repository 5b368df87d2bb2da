/** The callers' side of a round: each callback and each call of the API, with its answer. */
import { type Callback, sendCallback } from "../support/callbacks.ts";

export interface Sent {
  callback: Callback;
  /** When it was sent first. Unix milliseconds. */
  at: number;
  /** The best answer so far; null: none. */
  status: number | null;
  isUnderWay: boolean;
}

export interface Call {
  name: string;
  /** When it was begun, and answered; null: it has no answer yet. Unix milliseconds. */
  at: number;
  answeredAt: number | null;
}

/** A request that got no answer, because the gateway was killed. */
export const unanswered = Symbol("unanswered");

export class Ledger {
  readonly sent = new Map<string, Sent>();
  readonly calls: Call[] = [];

  /** Sends a callback, or sends it again. Resolves with its status, or with null if no answer came. */
  async send(url: string, callback: Callback): Promise<number | null> {
    const entry = this.sent.get(callback.label) ?? {
      callback,
      at: Date.now(),
      status: null,
      isUnderWay: true,
    };
    this.sent.set(callback.label, entry);
    entry.isUnderWay = true;
    const status = await sendCallback(url, callback).catch(() => null);
    entry.isUnderWay = false;
    if (entry.status !== 200) entry.status = status ?? entry.status;
    return status;
  }

  /** Notes a call of the API, which may get no answer. */
  async call<Answer>(name: string, answer: Promise<Answer>): Promise<Answer | typeof unanswered> {
    const call: Call = { name, at: Date.now(), answeredAt: null };
    this.calls.push(call);
    try {
      const answered = await answer;
      call.answeredAt = Date.now();
      return answered;
    } catch (error) {
      if (isCutOff(error)) return unanswered;
      throw error;
    }
  }

  /** Labels of callbacks whose answer is awaited. */
  underWay(): string[] {
    return [...this.sent].filter(([, { isUnderWay }]) => isUnderWay).map(([label]) => label);
  }

  /** Callbacks that were answered so. */
  answered(status: number): Sent[] {
    return [...this.sent.values()].filter((sent) => sent.status === status);
  }
}

/** Whether a request failed because the other side was killed. */
function isCutOff(error: unknown): boolean {
  return error instanceof TypeError && /fetch failed|terminated/.test(error.message);
}
