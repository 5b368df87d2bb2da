/** Addresses: where messages are sent, and the way of carrying them there. Plain data, which crosses RPC. */

interface Written {
  /** The address with its secrets filled in: `https://hooks.example.com/tim?key=…`, `service:MODERATION/verdict`. */
  url: string;
  /** The address as the settings write it, with `$NAME` for a secret: safe to show. */
  written: string;
}

/** A server, by HTTP. Its `url` may begin with `http:` where private addresses are allowed. */
interface HttpsAddress extends Written {
  kind: "https";
}

/** A Worker of the same account. */
interface ServiceAddress extends Written {
  kind: "service";
  binding: string;
  /** Path and query: empty, or begins with a slash. */
  path: string;
}

/** A queue of Cloudflare Queues. */
interface QueueAddress extends Written {
  kind: "queue";
  binding: string;
}

/** A bucket of R2, in which each batch is an object. */
interface BucketAddress extends Written {
  kind: "r2";
  binding: string;
  /** The beginning of each object's name, without a slash at either end. May be empty. */
  prefix: string;
}

/** A program that opens a WebSocket to the gateway. */
interface ListenerAddress extends Written {
  kind: "listener";
}

/** A program that fetches events from the gateway. */
interface PollerAddress extends Written {
  kind: "poll";
}

export type Address =
  | HttpsAddress
  | ServiceAddress
  | QueueAddress
  | BucketAddress
  | ListenerAddress
  | PollerAddress;

export type AddressKind = Address["kind"];

export type AddressOf<Kind extends AddressKind> = Extract<Address, { kind: Kind }>;

/** An address whose receiver answers a message with a response, so that it can give a verdict. */
export type AskAddress = AddressOf<"https" | "service" | "listener">;
