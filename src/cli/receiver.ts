/** The example receiver of `npm start`: verifies the signature of each delivery and prints it. */
import { createServer, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import { parseExactly } from "tim-relay/receiver";
import { cut, printable } from "../callback/text.ts";

interface Options {
  /** The port; 0: any free one. */
  port: number;
  /** Standard Webhooks secrets, any of which may have signed. Empty: nothing is verified. */
  secrets: readonly string[];
  /** Gets one line for each event, without characters that a terminal would obey. */
  print: (line: string) => void;
}

/** Resolves when the receiver listens on 127.0.0.1. Rejects with the error of the operating system, such as EADDRINUSE. */
export function startReceiver({ port, secrets, print }: Options): Promise<Server> {
  const webhooks = secrets.map((secret) => new Webhook(secret));
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const problem = signatureProblem(webhooks, body, request.headers) ?? jsonProblem(body);
    if (problem !== null) {
      const id = request.headers["webhook-id"] ?? "missing";
      print(printable(`✘ REFUSED ${problem}, webhook-id ${id}`));
      response.writeHead(400).end(`${problem}\n`);
      return;
    }
    const verified = webhooks.length > 0 ? "✔ verified" : "✔ unsigned";
    for (const line of describe(body)) print(printable(`${verified} ${line}`));
    response.writeHead(204).end();
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", () => resolve(server));
  });
}

function signatureProblem(
  webhooks: readonly Webhook[],
  body: string,
  headers: Record<string, string | string[] | undefined>,
): string | null {
  const problems = webhooks.map((webhook) => {
    try {
      webhook.verify(body, headers as Record<string, string>);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  });
  return problems.length === 0 || problems.includes(null) ? null : `BAD SIGNATURE (${problems.join("; ")})`;
}

function jsonProblem(body: string): string | null {
  try {
    JSON.parse(body);
    return null;
  } catch {
    return "a body that is not JSON";
  }
}

/** Characters that are printed of an event. */
const maxShown = 160;

/** The fields of the different formats. */
type Delivered = { type?: unknown; CallbackCommand?: unknown; data?: unknown } | null;

/** A line for each event of a delivery in any format. An unsigned body may hold any JSON. */
function describe(body: string): string[] {
  return [parseExactly<Delivered | Delivered[]>(body)].flat().map((event) => {
    const command = event?.type ?? event?.CallbackCommand;
    const isName = typeof command === "string" && /^[\w.-]+$/.test(command);
    return `${isName ? command : "an event"} ${shortened(JSON.stringify(event?.data ?? event))}`;
  });
}

/** JSON cut to `maxShown`. */
function shortened(json: string): string {
  return json.length > maxShown ? `${cut(json, maxShown)}…` : json;
}
