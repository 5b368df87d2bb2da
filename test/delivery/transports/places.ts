/** A place for each transport to which a gateway in Miniflare sends, and whose conduct a test decides. */
import { after } from "node:test";
import { gunzipSync } from "node:zlib";
import { listen } from "../../support/listener.ts";
import {
  consumerWorker,
  type MiniflareGateway,
  proxyWorker,
  startMiniflare,
} from "../../support/miniflare.ts";
import { type Received, reply, replyAfter, startReceiver } from "../../support/receiver.ts";

/** It hangs for longer than any rule waits, but not for ever: a call of a binding takes a connection. Milliseconds. */
const lateMs = 5_000;

/** `refuses`: it answers 500, throws, or does not confirm. */
export type Conduct = "takes" | "refuses" | "hangs";

/** An event, as it has arrived. */
export interface Arrived {
  id: string;
  type: string;
  platform: string | null;
}

export interface Place {
  /** Of its rule, and of the group of its events. */
  name: string;
  conduct: Conduct;
  /** Whether it is there: a listener that connects, a poller that polls. */
  open(): Promise<void>;
  /** The events that it has taken, in order, repeated ones too. */
  arrived(): Promise<Arrived[]>;
  /** The times that something was offered to it. */
  offers(): number;
}

/** The keys of a rule by which a transport sends to the place of this name. */
const urls = {
  https: ({ receiver }: World, name: string) => ({ url: `${receiver.url}${name}` }),
  service: (_: World, name: string) => ({ url: `service:BACKEND/${name}` }),
  queue: () => ({ url: "queue:JOBS" }),
  r2: (_: World, name: string) => ({ url: `r2:ARCHIVE/${name}`, batch: { size: 1, ms: 0 } }),
  listener: () => ({ url: "listener:" }),
  poll: () => ({ url: "poll:" }),
};

export type Kind = keyof typeof urls;

export const kinds = Object.keys(urls) as Kind[];

type World = Awaited<ReturnType<typeof startWorld>>;

async function startWorld() {
  return { receiver: await startReceiver(), consumer: await startReceiver() };
}

/**
 * A gateway with a place for each transport and each of these names of rules.
 * @param variants further keys of the rules
 */
export async function startPlaces<Name extends string>(variants: Readonly<Record<Name, object>>) {
  const world = await startWorld();
  const places = new Map<string, Place>();
  const rules = kinds.flatMap((kind) =>
    Object.entries<object>(variants).map(([variant, keys]) => {
      const name = `${kind}-${variant}`;
      const rule = { name, match: { body: { GroupId: [name] } }, ...urls[kind](world, name), ...keys };
      // A poll has a limit, and takes no batch.
      return kind === "poll" ? { ...rule, batch: undefined } : rule;
    }),
  );
  const { receiver, consumer } = world;
  receiver.answer = (response, request) => {
    const name = rules.find(({ name }) => isFor(name, request))?.name;
    offered.set(name!, [...(offered.get(name!) ?? []), request]);
    const { conduct } = places.get(name!)!;
    return { takes: reply(200), refuses: reply(500), hangs: replyAfter(lateMs, 500) }[conduct](
      response,
      request,
    );
  };
  const offered = new Map<string, Received[]>();
  const gateway = await startMiniflare(rules, {
    bindings: {
      BACKEND: { type: "worker", worker: "backend" },
      JOBS: { type: "queue", name: "jobs" },
      ARCHIVE: { type: "r2", name: "archive" },
    },
    workers: [proxyWorker("backend", receiver.url), consumerWorker("consumer", "jobs", consumer.url)],
    asking: { url: receiver.url, methods: { JOBS: "sendBatch", ARCHIVE: "put" } },
  });

  /** A place that the receiver stands for. */
  const received = (name: string, arrived: Place["arrived"]): Place => ({
    name,
    conduct: "takes",
    open: async () => {},
    arrived,
    offers: () => offered.get(name)?.length ?? 0,
  });
  const byRequest = (name: string) =>
    received(name, async () =>
      (offered.get(name) ?? []).filter(({ status }) => status === 200).flatMap(({ body }) => eventsIn(body)),
    );
  const make: Record<Kind, (name: string) => Place> = {
    https: byRequest,
    service: byRequest,
    queue: (name) =>
      received(name, async () =>
        consumer.received
          .filter((request) => isFor(name, request))
          .sort((a, b) => queuedAt(a) - queuedAt(b))
          .flatMap(({ body }) => eventsIn(JSON.parse(body).body)),
      ),
    r2: (name) => received(name, () => archived(gateway, name)),
    listener: (name) => listenerOf(gateway, name),
    poll: (name) => pollerOf(gateway, name),
  };
  for (const kind of kinds)
    for (const variant of Object.keys(variants))
      places.set(`${kind}-${variant}`, make[kind](`${kind}-${variant}`));
  return { gateway, place: (kind: Kind, variant: Name) => places.get(`${kind}-${variant}`)! };
}

/** Whether the name stands in the path, in the name of an object, or in an event, at whatever depth of texts. */
const isFor = (name: string, { url, body }: Received) =>
  url === `/${name}` || new RegExp(`${name}["/\\\\]`).test(body);

const queuedAt = ({ headers }: Received) => Number(headers["x-queued-at"]);

const eventsIn = (body: string) => [JSON.parse(body)].flat() as Arrived[];

async function archived({ miniflare }: MiniflareGateway, name: string): Promise<Arrived[]> {
  const bucket = await miniflare.getR2Bucket("ARCHIVE", "tim-relay");
  const { objects } = await bucket.list({ prefix: `${name}/` });
  objects.sort((a, b) => a.uploaded.getTime() - b.uploaded.getTime());
  const texts = objects.map(async ({ key }) =>
    gunzipSync(await (await bucket.get(key))!.arrayBuffer()).toString(),
  );
  return (await Promise.all(texts)).flatMap((text) => text.trimEnd().split("\n").flatMap(eventsIn));
}

function listenerOf(gateway: MiniflareGateway, name: string): Place {
  const taken: string[] = [];
  let offers = 0;
  const place: Place = {
    name,
    conduct: "takes",
    async open() {
      await listen(gateway, name, {
        reply({ body }) {
          offers++;
          if (place.conduct === "hangs") return null;
          if (place.conduct === "takes") taken.push(body);
          return { status: place.conduct === "takes" ? 204 : 500 };
        },
      });
    },
    arrived: async () => taken.flatMap(eventsIn),
    offers: () => offers,
  };
  return place;
}

function pollerOf(gateway: MiniflareGateway, name: string): Place {
  const taken: Arrived[] = [];
  let offers = 0;
  const place: Place = {
    name,
    conduct: "takes",
    async open() {
      let confirmed = "";
      let ended = false;
      // With the test that opens it.
      after(() => {
        ended = true;
      });
      const poll = async () => {
        while (!ended) {
          const { events, after } = await gateway.get(`/api/poll/${name}`, {
            after: confirmed || undefined,
            wait: 1,
          });
          offers += events.length > 0 ? 1 : 0;
          // What it does not confirm comes again.
          confirmed = place.conduct === "takes" ? after : "";
          if (place.conduct === "takes") taken.push(...events);
        }
      };
      poll().catch((error) => {
        if (!ended) throw error;
      });
    },
    arrived: async () => taken,
    offers: () => offers,
  };
  return place;
}
