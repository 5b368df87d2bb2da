/** A backend on this machine that records what it is sent. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { after } from "node:test";

export interface Received {
  /** Path and query as they came. */
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Receiver {
  /** `http://127.0.0.1:49153/` */
  url: string;
  received: Received[];
  /** What the next requests are answered: a status, or nothing at all. */
  answers: number | "hangs";
  /** Resolves with the first request, past or to come, that fits; rejects after 10 s. */
  request(fits: (received: Received) => boolean): Promise<Received>;
  /** Resolves with everything as soon as that many requests have come; rejects after 10 s. */
  requests(count: number): Promise<Received[]>;
}

export async function startReceiver(): Promise<Receiver> {
  const watchers = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    receiver.received.push({
      url: request.url ?? "",
      headers: request.headers,
      body: Buffer.concat(chunks),
    });
    if (receiver.answers !== "hangs") response.writeHead(receiver.answers).end("as told");
    for (const look of watchers) look();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  const until = <Found>(what: string, look: () => Found | undefined) =>
    new Promise<Found>((resolve, reject) => {
      const watch = () => {
        const found = look();
        if (found === undefined) return;
        end();
        resolve(found);
      };
      const timer = setTimeout(() => {
        end();
        reject(
          new Error(`${what} did not come within 10 s; what came: ${receiver.received.length} requests`),
        );
      }, 10_000);
      const end = () => {
        clearTimeout(timer);
        watchers.delete(watch);
      };
      watchers.add(watch);
      watch();
    });

  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received: [],
    answers: 200,
    request: (fits) => until("the request", () => receiver.received.find(fits)),
    requests: (count) =>
      until(`request ${count}`, () => (receiver.received.length >= count ? receiver.received : undefined)),
  };
  return receiver;
}
