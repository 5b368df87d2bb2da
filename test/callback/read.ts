/** Reads a whole callback like the Worker: the head first, and the body only if the head allows. */
import { parametersOf } from "../../src/callback/parameters.ts";
import { isProbe, maxProbeBytes } from "../../src/callback/probe.ts";
import {
  type Head,
  type ReadResult,
  type ReceivingPolicy,
  type RefusedHead,
  readBody,
  readHead,
} from "../../src/callback/read-callback.ts";
import { refused } from "../../src/callback/refusal.ts";
import { signatureOf } from "../../src/cli/signature.ts";

export interface Request {
  query: string;
  /** null: larger than the Worker reads. */
  body: Uint8Array | null;
  address: string | null;
  via?: string | null;
}

export function readCallback(
  { query, body, address, via = null }: Request,
  policy: ReceivingPolicy,
  now: number,
): ReadResult {
  const parameters = parametersOf(query);
  const time = parameters.get("requesttime") ?? "";
  const signatures = policy.tokens.map((token) => signatureOf(token, time));
  const head: Head | RefusedHead = readHead({ parameters, signatures, address, via }, policy, now);
  if (head.kind === "refused") {
    const { mayProbe, ...refusal } = head;
    return mayProbe && body && body.byteLength <= maxProbeBytes && isProbe(body)
      ? { kind: "probe" }
      : refusal;
  }
  return body ? readBody(head, body, policy) : refused(413, "size", "the body is too large");
}
