/** The destinations and backends of a long run, in one server: each path behaves in its own way. */
import { createServer, type ServerResponse } from "node:http";
import type { Chance } from "../support/chance.ts";
import { listen } from "../support/listen.ts";

const slowMs = 100;

/** Beyond the deadline of the ask rules. */
const lateMs = 600;

export interface Backends {
  /** `http://127.0.0.1:49153`, without a slash at the end. */
  url: string;
  /** Requests by path. */
  requests: Map<string, number>;
  close(): void;
}

export async function startBackends(chance: Chance): Promise<Backends> {
  const requests = new Map<string, number>();
  const end = (response: ServerResponse, status: number, body = "") =>
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  const server = createServer((request, response) => {
    const { url: path = "" } = request;
    requests.set(path, (requests.get(path) ?? 0) + 1);
    request.resume().on("end", () => {
      const draw = chance.next();
      switch (path) {
        case "/slow":
          return setTimeout(() => end(response, 200), slowMs);
        case "/refuses":
          return end(response, draw < 0.03 ? 400 : 200, `refused ${draw}`);
        case "/flaps":
          return end(response, draw < 0.5 ? 500 : 200, `no ${draw}`);
        case "/down":
          return response.destroy();
        case "/verdict":
          if (draw < 0.01) return setTimeout(() => end(response, 200), lateMs);
          if (draw < 0.05) return end(response, 200, `not a verdict ${draw}`);
          return end(
            response,
            200,
            JSON.stringify({ ActionStatus: "OK", ErrorInfo: "", ErrorCode: draw < 0.5 ? 0 : 1 }),
          );
        case "/hangs":
          return setTimeout(() => response.destroy(), lateMs);
        default:
          return end(response, 200);
      }
    });
  });
  return {
    url: await listen(server),
    requests,
    close: () => server.close().closeAllConnections(),
  };
}

/** A rule for each of them. */
export function rulesFor(url: string): object[] {
  return [
    { name: "fine", on: ["C2C.*", "Bot.*", "Chatbot.*"], url: `${url}/fine`, concurrency: 20 },
    {
      name: "ordered",
      on: "Group.*",
      url: `${url}/refuses`,
      order: "conversation",
      concurrency: 20,
      retry: ["1s", "2s"],
    },
    { name: "batched", url: `${url}/fine`, batch: { size: 100, ms: 500 }, format: "cloudevents" },
    { name: "slow", on: "Live.*", url: `${url}/slow`, concurrency: 10 },
    { name: "flaps", on: "C2C.*", url: `${url}/flaps`, retry: ["200ms"] },
    { name: "down", on: "State.*", url: `${url}/down` },
    { name: "trial", on: "Group.CallbackBefore*", ask: `${url}/verdict`, deadlineMs: 300, shadow: true },
    { name: "hung", on: "Sns.*", ask: `${url}/hangs`, deadlineMs: 200 },
    { name: "judge", on: "Group.*", ask: `${url}/verdict`, deadlineMs: 300 },
    { name: "words", answer: { ErrorCode: 0 }, on: "C2C.*", replace: ["hello"] },
  ];
}
