/** A receiver behind the requests and responses of `node:http`, which Express and Koa have too. */

/** The gateway sends no longer body: an event of 1 MiB, or a batch. Bytes. */
const mostBytes = 16 * 1024 * 1024;

/** @type {typeof import("./index.d.cts").listener} */
function listener(receive) {
  return async (incoming, outgoing) => {
    const response = await answerTo(incoming, receive);
    outgoing.writeHead(response.status, { "content-type": "application/json" });
    outgoing.end(await response.text());
  };
}

/**
 * @param {Parameters<ReturnType<typeof import("./index.d.cts").listener>>[0]} incoming
 * @param {Parameters<typeof import("./index.d.cts").listener>[0]} receive
 */
async function answerTo(incoming, receive) {
  if (incoming.readableEnded)
    return failure(500, "the body was read before: put this receiver before what parses bodies");
  const parts = [];
  let bytes = 0;
  try {
    for await (const part of incoming) {
      bytes += part.length;
      if (bytes <= mostBytes) parts.push(Uint8Array.from(part));
    }
  } catch {
    return failure(400, "the body was cut off");
  }
  if (bytes > mostBytes) return failure(413, `the body is longer than ${mostBytes} bytes`);
  const { method = "GET", headers } = incoming;
  const own = Object.entries(headers).filter(([name]) => /^(webhook|tim-relay)-/.test(name));
  const request = new Request("http://localhost/", {
    method: method === "POST" ? method : "GET",
    headers: own.map(([name, value]) => [name, String(value)]),
    ...(method === "POST" && { body: new Blob(parts) }),
  });
  return receive(request);
}

/**
 * @param {number} status
 * @param {string} error
 */
const failure = (status, error) => Response.json({ error }, { status });

exports.listener = listener;
