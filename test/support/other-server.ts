/** A server that is no gateway, or one of another release. */
import { createServer, type RequestListener } from "node:http";
import { after } from "node:test";
import { listen } from "./listen.ts";

/** Ends with the test, or the file, that starts it. Resolves with its address. */
export async function server(answer: RequestListener): Promise<string> {
  const http = createServer(answer);
  after(() => {
    http.closeAllConnections();
    http.close();
  });
  return listen(http);
}

/** An answer of JSON. */
export const json =
  (status: number, value: unknown): RequestListener =>
  (_, response) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
