/** How a server misbehaves, as data: one definition serves destinations and backends of ask rules alike. */
import type { Socket } from "node:net";
import type { VerdictSource } from "../../src/callback/event.ts";
import type { EventState } from "../support/api.ts";

/** A request that has come whole. */
export interface Asked {
  /** Request line and headers. */
  head: string;
  /** The number of the request on its connection, from 1. */
  nth: number;
}

/** The end of an event at a destination that misbehaves so, with a rule that has no waits. */
export interface Ending {
  state: EventState;
  /** Of the only attempt. */
  status: number | null;
  /** Null: delivered. */
  error: RegExp | null;
  /** The part of the answer that is kept; absent: not looked at. */
  response?: RegExp;
}

/** The verdict of a rule that asks such a backend. */
export interface Ruling {
  how: VerdictSource;
  /** Absent: the verdict has none. */
  reason?: RegExp;
}

/** An address at which nothing answers, until it is closed. */
export interface Address {
  url: string;
  close(): Promise<unknown>;
}

/** Meets a whole request. */
export type Meeting = (socket: Socket, request: Asked) => void;

export interface Misbehaviour {
  /** The name of its rule: at most 40 characters. */
  name: string;
  /** Meets a connection that was just accepted. */
  accepted?(socket: Socket): void;
  /** Meets the first bytes of a request. */
  begun?(socket: Socket): void;
  asked?: Meeting;
  /** An address at which nothing answers, in place of a conduct. */
  address?(): Promise<Address>;
  /** It shows only with a body that fits into no buffer on the way. */
  large?: true;
  /** Other systems than Linux treat a full listen queue otherwise. */
  onLinux?: true;
  destination: Ending;
  backend: Ruling;
}

/** A refusal: as a verdict it can be told from `otherwise`. */
export const verdict = '{"ErrorCode":1}';

/** A response as bytes; its body is as long as it says unless `headers` tell another length. */
export function response(status: number | string, headers: readonly string[] = [], body = verdict): string {
  const length = `content-length: ${Buffer.byteLength(body)}`;
  return head(status, headers.some(tellsLength) ? headers : [...headers, length]) + body;
}

/** Status line and headers as bytes, with the empty line. */
export function head(status: number | string, headers: readonly string[] = []): string {
  return [`HTTP/1.1 ${status} Chaos`, ...headers, "", ""].join("\r\n");
}

function tellsLength(header: string): boolean {
  return /^(content-length|transfer-encoding):/i.test(header);
}

/** Writes the same bytes until so many were taken, or for ever, as long as the other side reads them. */
export function pour(socket: Socket, piece: string | Buffer, bytes = Number.POSITIVE_INFINITY): void {
  const part = Buffer.from(piece as string, "latin1");
  let left = bytes;
  const go = () => {
    while (!socket.destroyed && left > 0) {
      left -= part.length;
      if (!socket.write(part)) return;
    }
  };
  socket.on("drain", go);
  go();
}

/** Writes a byte a second. */
export function drip(socket: Socket, text: string): void {
  let sent = 0;
  const timer = setInterval(() => {
    if (sent === text.length) clearInterval(timer);
    else socket.write(text[sent++]!);
  }, 1_000);
  socket.once("close", () => clearInterval(timer));
}

/** The answer is on its way for long enough to be read before the reset overtakes it. */
export function writeThenReset(socket: Socket, text: string): void {
  socket.write(text);
  const timer = setTimeout(() => socket.resetAndDestroy(), 50);
  socket.once("close", () => clearTimeout(timer));
}
