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

// A digest of the real Web Crypto ends at a time of its own, which no seed decides.
crypto.subtle.digest = async (_, data) => {
  const bytes = createHash("sha256")
    .update(data as Uint8Array)
    .digest();
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
};
