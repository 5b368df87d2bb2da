/**
 * A queue of Cloudflare Queues. Each event is a message of its own, a text: `{"id", "headers", "body"}`. It has the
 * headers and the body that an HTTPS destination would get. The body is a text in it, byte for byte, so that
 * its signature can be checked, and no number is rounded. `query` is Tencent's, with the format `raw`.
 */
import { say } from "../../sentence.ts";
import type { EventMessage } from "../message.ts";
import { Unfit } from "../no-answer.ts";
import { taken } from "../outcome.ts";
import { boundTo, handOver } from "./binding.ts";
import type { Transport } from "./transport.ts";

/**
 * The limits of a call, less a little: the platform adds some bytes to each message. Messages, and bytes.
 * https://developers.cloudflare.com/queues/platform/limits/
 */
const mostMessages = 100;
const mostBytes = 255_000;
const mostMessageBytes = 127_800;

/** A message's text, and its length in bytes. */
interface Sized {
  body: string;
  bytes: number;
}

/** A call that fails may follow others that did not: then messages come again, with the same ids. */
export const queue: Transport<"queue"> = async (message, attempt) => {
  const binding = boundTo("queue", message.address.binding, attempt.env);
  const all = message.events!.map(sized);
  const large = all.findIndex(({ bytes }) => bytes > mostMessageBytes);
  if (large !== -1) throw new Unfit(tooLarge(message.events![large]!, all[large]!));
  for (const call of calls(all)) {
    const messages = call.map(({ body }) => ({ body, contentType: "text" as const }));
    await handOver("queue", () => binding.sendBatch(messages), message, attempt);
  }
  return taken(attempt.at, attempt.now());
};

function sized({ id, headers, query, body }: EventMessage): Sized {
  const text = JSON.stringify({ id, headers, ...(query && { query }), body });
  return { body: text, bytes: new TextEncoder().encode(text).byteLength };
}

const tooLarge = ({ id }: EventMessage, { bytes }: Sized) =>
  say`${id} takes ${bytes} bytes as a message, and a queue takes ${mostMessageBytes}`;

/** The messages of each call, in order. */
function* calls(messages: readonly Sized[]): Generator<readonly Sized[]> {
  let from = 0;
  let bytes = 0;
  for (const [index, message] of messages.entries()) {
    if (index - from === mostMessages || (index > from && bytes + message.bytes > mostBytes)) {
      yield messages.slice(from, index);
      from = index;
      bytes = 0;
    }
    bytes += message.bytes;
  }
  yield messages.slice(from);
}
