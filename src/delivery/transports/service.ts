/**
 * A Worker of the same account, by a service binding: the request of an HTTPS destination, without a connection. The
 * Worker sees the binding's name as its host, in lower case: `service:MODERATION/verdict` is `https://moderation/verdict`.
 * https://developers.cloudflare.com/workers/runtime-apis/bindings/service-bindings/http/
 */
import { say } from "../../sentence.ts";
import { withQuery } from "../message.ts";
import { NoAnswer } from "../no-answer.ts";
import { boundTo } from "./binding.ts";
import type { Call } from "./transport.ts";
import { untilAborted } from "./until-aborted.ts";

export const service: Call<"service"> = async (message, { signal, env }) => {
  const { address, query, headers, body } = message;
  const binding = boundTo("service", address.binding, env);
  const url = withQuery(`https://${address.binding.toLowerCase()}${address.path}`, query);
  try {
    // A Worker that ignores the signal is not waited for.
    const answer = binding.fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
    return await untilAborted(answer, signal);
  } catch (error) {
    signal.throwIfAborted();
    // The exception is the Worker's own: its text may hold anything.
    throw new NoAnswer(say`the service threw an exception, which its own log shows`, { cause: error });
  }
};
