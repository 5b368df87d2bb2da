/** A server that is neither the gateway under test nor its receiver. */
import { createServer, type RequestListener } from "node:http";
import { after } from "node:test";
import { listen } from "./listen.ts";

/** Ends with the test, or the file, that starts it. Resolves with its address. */
export async function server(answer: RequestListener, port = 0): Promise<string> {
  const http = createServer(answer);
  after(() => {
    http.closeAllConnections();
    http.close();
  });
  return listen(http, port);
}

/** An answer of JSON. */
export const json =
  (status: number, value: unknown): RequestListener =>
  (_, response) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
