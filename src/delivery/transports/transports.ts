/** The transports by kind of address. A new one has a file beside this one, and an entry here. */
import type { AddressKind, AskAddress } from "../../rule/address.ts";
import type { Message } from "../message.ts";
import type { Outcome } from "../outcome.ts";
import { https } from "./https.ts";
import { listener } from "./listener.ts";
import { queue } from "./queue.ts";
import { r2 } from "./r2.ts";
import { responding } from "./responding.ts";
import { service } from "./service.ts";
import type { Attempt, Call, Transport } from "./transport.ts";

/** Receivers that answer with a response. */
const calls: { readonly [Kind in AskAddress["kind"]]: Call<Kind> } = { https, service, listener };

/** Events of a poller are fetched, and carried by no transport. */
type CarriedKind = Exclude<AddressKind, "poll">;

const transports: { readonly [Kind in CarriedKind]: Transport<Kind> } = {
  https: responding(https),
  service: responding(service),
  listener: responding(listener),
  queue,
  r2,
};

/** Makes one attempt. Rejects where there is no answer. */
export async function carry(message: Message, attempt: Attempt): Promise<Outcome> {
  const transport = transports[message.address.kind as CarriedKind] as Transport<AddressKind>;
  return transport(message, attempt);
}

/** The response of a receiver that may be asked. Rejects where there is none. */
export async function responseTo(message: Message, attempt: Attempt): Promise<Response> {
  const call = calls[message.address.kind as AskAddress["kind"]] as Call<AddressKind>;
  return call(message, attempt);
}
