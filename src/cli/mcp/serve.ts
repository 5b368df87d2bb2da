/** Serves the Model Context Protocol on stdio until standard input ends. Standard output is the protocol's alone. */
import { once } from "node:events";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { printable } from "../../callback/text.ts";
import { type Access, clientOf } from "../gateway.ts";
import { serverOf } from "./server.ts";

export async function serveMcp(access: Access, timeoutSeconds: number, mayWrite: boolean): Promise<void> {
  const ended = once(process.stdin, "close");
  const relay = clientOf(access, timeoutSeconds);
  const handle = serveStdio(() => serverOf(relay, access, mayWrite), {
    onerror: ({ message }) => console.error(printable(message)),
  });
  await ended;
  await handle.close();
}
