/** The time that reading a callback takes: checks, parsing, validation, in this process and without a network. */
import { parametersOf } from "../../src/callback/parameters.ts";
import { type Head, readBody, readHead } from "../../src/callback/read-callback.ts";
import { signaturesOf } from "../../src/callback/signature.ts";
import { app, bodies, queryOf, token } from "./callbacks.ts";

const bytes = 600;
const callbacks = 2_000;
const rounds = 5;

/** Microseconds for a typical group message, signature included; the best of a few rounds, when all is warm. */
export async function readingMicroseconds(): Promise<number> {
  const now = Date.now();
  const query = queryOf("AfterSendMsg", now).slice(1);
  const body = bodies("AfterSendMsg", bytes);
  const received = Array.from({ length: callbacks }, () => Buffer.from(body(now)));
  const policy = {
    apps: [app],
    tokens: [token],
    allows: null,
    unknownCommands: "accept",
    invalidPayloads: "quarantine",
  } as const;
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    for (const one of received) {
      const parameters = parametersOf(query);
      const signatures = await signaturesOf(policy.tokens, parameters.get("requesttime"));
      const head = readHead({ parameters, signatures, address: null }, policy, now) as Head;
      readBody(head, one, policy);
    }
    least = Math.min(least, ((performance.now() - startedAt) * 1_000) / callbacks);
  }
  return least;
}
