/** Lets Node load the Worker's modules: the base classes of the platform's objects hold what they are given. */
import { createHash } from "node:crypto";
import { registerHooks } from "node:module";

const source = `
export class DurableObject { constructor(ctx, env) { this.ctx = ctx; this.env = env; } }
export class WorkerEntrypoint extends DurableObject {}
`;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "cloudflare:workers"
      ? { url: "simulated:cloudflare-workers", format: "module", shortCircuit: true }
      : next(specifier, context),
  load: (url, context, next) =>
    url === "simulated:cloudflare-workers"
      ? { format: "module", source, shortCircuit: true }
      : next(url, context),
});

/** The platform's pair: an object accepts one end and answers with the other. Here both are one socket. */
class SimulatedPair {
  readonly 0: unknown;
  readonly 1: unknown;

  constructor() {
    this[0] = this[1] = SimulatedPair.make();
  }

  static make: () => unknown = () => null;
}

export function pairsOf(make: () => unknown): void {
  SimulatedPair.make = make;
}

/** Node's refuses the status 101. */
class AnswerWithSocket extends Response {
  override readonly webSocket: WebSocket | null;

  constructor(body?: BodyInit | null, init: ResponseInit & { webSocket?: WebSocket | null } = {}) {
    const { webSocket = null, ...rest } = init;
    super(body, webSocket === null ? rest : {});
    this.webSocket = webSocket;
  }
}

Object.assign(globalThis, {
  WebSocketPair: SimulatedPair,
  WebSocketRequestResponsePair: class {},
  Response: AnswerWithSocket,
});

/** The real one compresses in a thread, which ends at a time that no seed decides. Here nothing is compressed. */
class PlainStream extends TransformStream {
  constructor(_format: string) {
    super({});
  }
}

Object.assign(globalThis, { CompressionStream: PlainStream });

// A digest of the real Web Crypto ends at a time of its own, which no seed decides.
crypto.subtle.digest = async (_, data) => {
  const bytes = createHash("sha256")
    .update(data as Uint8Array)
    .digest();
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
};
