/**
 * Viewers of the tail, as a process of its own: `node viewers.ts URL TOKEN COUNT`. They acknowledge what they get; one
 * more never reads. Tells its parent when all are connected.
 */
import { connect } from "node:net";

const [url, token, count] = process.argv.slice(2) as [string, string, string];
const { hostname, port } = new URL(url);
const authorization = `Bearer ${token}`;

await Promise.all(Array.from({ length: Number(count) }, view));
await stare();
process.send!({ port: 0 });

function view(): Promise<void> {
  // Node's WebSocket takes headers.
  const options = { headers: { authorization } } as unknown as string[];
  const socket = new WebSocket(`ws://${hostname}:${port}/api/tail`, options);
  let frames = 0;
  socket.addEventListener("message", () => {
    frames++;
    if (frames % 16 === 0) socket.send(JSON.stringify({ ack: frames }));
  });
  return new Promise((resolve, reject) => {
    socket.addEventListener("open", () => {
      socket.send('{"ack":0}');
      resolve();
    });
    socket.addEventListener("error", () => reject(new Error("a viewer is not connected")));
  });
}

/** Connects, and reads no more than the answer to that. */
function stare(): Promise<void> {
  const socket = connect(Number(port), hostname);
  const head = [
    "GET /api/tail HTTP/1.1",
    `Host: ${hostname}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    `Authorization: ${authorization}`,
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("data", (data) => {
      socket.pause();
      if (data.toString().startsWith("HTTP/1.1 101")) resolve();
      else reject(new Error(`a viewer is not connected: ${data}`));
    });
  });
}
