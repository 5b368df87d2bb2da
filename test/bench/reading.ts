/** What reading a callback costs: checks, parsing, validation, in this process and without a network. */
import { type Head, readBody, readHead } from "../../src/callback/read-callback.ts";
import { app, bodies, queryOf, token } from "./callbacks.ts";

const bytes = 600;
const callbacks = 2_000;
const rounds = 5;

/** Microseconds for a typical group message, signature included; the best of a few rounds, when all is warm. */
export function readingMicroseconds(): number {
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
  const round = () => {
    const startedAt = performance.now();
    for (const one of received)
      readBody(readHead({ query, address: null }, policy, now) as Head, one, policy);
    return ((performance.now() - startedAt) * 1_000) / callbacks;
  };
  return Math.min(...Array.from({ length: rounds }, round));
}
