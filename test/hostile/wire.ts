/**
 * HTTP/1.1 as bytes on a kept connection. The client sends whatever it is given, and reads answers strictly: an answer
 * that is framed wrongly is an error.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface WireAnswer {
  status: number;
  /** By lower-case name, in order; a repeated header is joined with a comma. */
  headers: Map<string, string>;
  body: Buffer;
}

/** An answer may pause so long on a busy machine. As a whole it may take longer: an export is long. Milliseconds. */
const silentForMs = 20_000;

const endOfHead = Buffer.from("\r\n\r\n");

export class Wire {
  readonly socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #ended = false;
  #closes = false;
  #wake: () => void = () => {};
  #silence: NodeJS.Timeout | undefined;

  /** When the last byte of the last answer was read, as `performance.now` tells. The runtime closes an idle connection. */
  answeredAt = performance.now();

  constructor(url: string) {
    this.socket = connect(Number(new URL(url).port), "127.0.0.1");
    this.socket.setNoDelay(true);
    this.socket.on("data", (chunk) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#silence?.refresh();
      this.#wake();
    });
    // A caller that is refused while it sends is cut off: the answer, if any, tells more than this error.
    this.socket.on("error", () => {});
    this.socket.on("close", () => this.#end());
    this.socket.on("end", () => this.#end());
  }

  /** True if no further request can be sent: the other side has closed, or has announced that with its last answer. */
  get closed(): boolean {
    return this.#closes || (this.#ended && this.#received.length === 0);
  }

  /** Bytes that came and are part of no answer yet. */
  get unread(): Buffer {
    return this.#received;
  }

  send(...parts: readonly (string | Uint8Array)[]): void {
    for (const part of parts)
      this.socket.write(typeof part === "string" ? Buffer.from(part, "latin1") : part);
  }

  /**
   * The next answer; null if the connection is closed before its first byte.
   * @param method of the request that it belongs to: an answer to HEAD has no body
   */
  async answer(method = "GET"): Promise<WireAnswer | null> {
    this.#silence = setTimeout(() => this.socket.destroy(), silentForMs);
    try {
      for (;;) {
        const head = await this.#until(endOfHead);
        if (head === null) {
          if (this.#received.length === 0) return null;
          throw new Error(`the connection closed within a head: ${this.#received.toString("latin1")}`);
        }
        const { status, headers } = readHead(head);
        // 1xx answers are followed by the final one.
        if (status < 200 && status !== 101) continue;
        this.#closes = headers.get("connection") === "close";
        return { status, headers, body: await this.#body(status, headers, method) };
      }
    } finally {
      this.answeredAt = performance.now();
      clearTimeout(this.#silence);
      this.#silence = undefined;
    }
  }

  close(): void {
    this.#closes = true;
    this.#received = Buffer.alloc(0);
    this.socket.destroy();
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }

  async #more(): Promise<boolean> {
    if (this.#ended) return false;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    return true;
  }

  /** Bytes up to and with an end mark; null if the connection ends before. */
  async #until(mark: Buffer): Promise<string | null> {
    for (;;) {
      const at = this.#received.indexOf(mark);
      if (at >= 0) return this.#take(at + mark.length).toString("latin1");
      const before = this.#received.length;
      if (!(await this.#more()) && this.#received.length === before) return null;
    }
  }

  async #bytes(count: number): Promise<Buffer> {
    while (this.#received.length < count)
      if (!(await this.#more()) && this.#received.length < count)
        throw new Error(`the connection closed within a body: ${this.#received.length} of ${count} bytes`);
    return this.#take(count);
  }

  #take(count: number): Buffer {
    const taken = this.#received.subarray(0, count);
    this.#received = this.#received.subarray(count);
    return taken;
  }

  async #body(status: number, headers: WireAnswer["headers"], method: string): Promise<Buffer> {
    if (method === "HEAD" || status === 204 || status === 304 || status === 101) return Buffer.alloc(0);
    if (headers.get("transfer-encoding") === "chunked") return this.#chunks();
    const length = headers.get("content-length");
    if (length === undefined) {
      while (await this.#more());
      return this.#take(this.#received.length);
    }
    if (!/^\d+$/.test(length)) throw new Error(`content-length is ${length}`);
    return this.#bytes(Number(length));
  }

  async #chunks(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for (;;) {
      const line = await this.#until(Buffer.from("\r\n"));
      const size = Number.parseInt(line ?? "", 16);
      if (!/^[0-9a-f]+\r\n$/i.test(line ?? "")) throw new Error(`a chunk's size is ${line}`);
      chunks.push((await this.#bytes(size + 2)).subarray(0, size));
      if (size === 0) return Buffer.concat(chunks);
    }
  }
}

function readHead(head: string): Pick<WireAnswer, "status" | "headers"> {
  const [first = "", ...lines] = head.slice(0, -4).split("\r\n");
  const [, status] = /^HTTP\/1\.[01] (\d{3}) [^\r\n]*$/.exec(first) ?? [];
  if (status === undefined) throw new Error(`no answer begins with ${JSON.stringify(first)}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+): ?(.*)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`no header is ${JSON.stringify(line)}`);
    const key = name.toLowerCase();
    const earlier = headers.get(key);
    headers.set(key, earlier === undefined ? value! : `${earlier}, ${value}`);
  }
  return { status: Number(status), headers };
}

/** Resolves when the connection is there. */
export async function connected(url: string): Promise<Wire> {
  const wire = new Wire(url);
  await once(wire.socket, "connect");
  return wire;
}
