/**
 * The server that a team would write by hand: it inserts a row, answers, and forwards. Nothing is checked, tried again
 * or found again after a crash, and it runs on one machine.
 *
 *     node server.ts DATABASE [DESTINATION]
 */
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";

const [path, destination] = process.argv.slice(2);
const database = new DatabaseSync(path!);
database.exec("PRAGMA journal_mode = WAL");
database.exec(
  "CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, command TEXT NOT NULL, body TEXT NOT NULL)",
);
const insert = database.prepare("INSERT INTO event(at, command, body) VALUES (?, ?, ?)");
const agent = new Agent({ keepAlive: true, maxSockets: 5 });

const server = createServer(async (callback, response) => {
  const body = await text(callback);
  insert.run(Date.now(), JSON.parse(body).CallbackCommand, body);
  response
    .writeHead(200, { "content-type": "application/json" })
    .end('{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}');
  if (destination) forward(destination, body);
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));

function forward(url: string, body: string): void {
  request(url, { method: "POST", agent, headers: { "content-type": "application/json" } }, (answer) =>
    answer.resume(),
  )
    .on("error", () => {})
    .end(body);
}
