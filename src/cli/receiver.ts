/** The example receiver of `npm start`: verifies and prints requests, answers asks, and fails when it is told to. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { Webhook } from "standardwebhooks";
import { parseExactly } from "tim-relay/receiver";
import { okAnswer, okText, refusalOf } from "../callback/answer.ts";
import { catalogue } from "../callback/catalogue.ts";
import { cut, printable } from "../callback/text.ts";
import { type Behaviour, behaviourOf, behaviours } from "./receiver-behaviour.ts";

/** The messages that the receiver expects, by the rules of the gateway. */
export interface Expected {
  /** Standard Webhooks secrets, any of which may have signed. Empty: nothing is verified. */
  secrets: readonly string[];
  /** The paths that ask rules post to. The answer there is a verdict. */
  askPaths: readonly string[];
}

interface Options {
  /** The port; 0: any free one. */
  port: number;
  expected: Expected;
  /** Gets one line for each event, without characters that a terminal would obey. */
  print: (line: string) => void;
}

/** Answers `GET` with the behaviour, and `POST /-/behave/fail` by changing it. No rule's own path begins so. */
export const behavePath = "/-/behave";

export class Receiver {
  expected: Expected;
  readonly #print: Options["print"];
  readonly #server: Server;
  #behaviour: Behaviour = "ok";

  private constructor({ expected, print }: Options) {
    this.expected = expected;
    this.#print = (line) => print(printable(line));
    this.#server = createServer((request, response) => {
      // A gateway whose time is up closes the connection, also in the middle of a body.
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /** Resolves when the receiver listens on 127.0.0.1. Rejects with the error of the operating system, such as EADDRINUSE. */
  static start(options: Options): Promise<Receiver> {
    const receiver = new Receiver(options);
    return new Promise((resolve, reject) => {
      receiver.#server.once("error", reject).listen(options.port, "127.0.0.1", () => resolve(receiver));
    });
  }

  get port(): number {
    const address = this.#server.address();
    return address && typeof address === "object" ? address.port : 0;
  }

  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
    this.#print(`receiver: ${behaviours[behaviour].meaning}`);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = "/", method, headers } = request;
    const body = await text(request);
    if (url.startsWith(behavePath)) this.#steer(method, url.slice(behavePath.length + 1), response);
    else await this.#receive(url.replace(/\?.*/s, ""), body, headers, response);
  }

  #steer(method: string | undefined, word: string, response: ServerResponse): void {
    const behaviour = behaviourOf(word);
    if (method === "POST" && behaviour === null) {
      response.writeHead(404).end(`POST ${behavePath}/ and one of ${Object.keys(behaviours).join(", ")}\n`);
      return;
    }
    if (method === "POST" && behaviour !== null) this.behave(behaviour);
    response.end(`${this.#behaviour}: ${behaviours[this.#behaviour].meaning}\n`);
  }

  async #receive(
    path: string,
    body: string,
    headers: IncomingHttpHeaders,
    response: ServerResponse,
  ): Promise<void> {
    const { secrets, askPaths } = this.expected;
    const webhooks = secrets.map((secret) => new Webhook(secret));
    const problem = signatureProblem(webhooks, body, headers) ?? jsonProblem(body);
    if (problem !== null) {
      this.#print(`✘ REFUSED ${problem}, webhook-id ${headers["webhook-id"] ?? "missing"}`);
      response.writeHead(400).end(`${problem}\n`);
      return;
    }
    const { status, delayMs, refuses } = behaviours[this.#behaviour];
    const events = [parseExactly<Delivered | Delivered[]>(body)].flat();
    const isAsk = askPaths.includes(path);
    const verified = webhooks.length > 0 ? "✔ verified" : "✔ unsigned";
    const effect = [
      ...(isAsk && status === 200 ? [refuses ? "refused" : "allowed"] : []),
      ...(status === 200 ? [] : [`answered ${status}`]),
      ...(delayMs > 0 ? [`after ${delayMs / 1000} s`] : []),
    ].join(" ");
    for (const event of events) this.#print(`${verified} ${describe(event)}${effect && ` → ${effect}`}`);
    if (delayMs > 0) await sleep(delayMs);
    if (status !== 200) response.writeHead(status).end("the example receiver fails, as it was told\n");
    else if (isAsk) response.end(verdict(events[0] ?? null, refuses));
    else response.writeHead(204).end();
  }
}

function signatureProblem(
  webhooks: readonly Webhook[],
  body: string,
  headers: IncomingHttpHeaders,
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

/** An event of any format in a line. An unsigned body may hold any JSON. */
function describe(event: Delivered): string {
  const command = commandOf(event);
  const isName = typeof command === "string" && /^[\w.-]+$/.test(command);
  return `${isName ? command : "an event"} ${shortened(JSON.stringify(event?.data ?? event))}`;
}

function commandOf(event: Delivered): unknown {
  return event?.type ?? event?.CallbackCommand;
}

/** The text of a verdict, in the form that the command demands. */
function verdict(event: Delivered, refuses: boolean): string {
  const spec = catalogue.get(String(commandOf(event)))?.answer;
  const body = (event?.data ?? event ?? {}) as Record<string, unknown>;
  if (!spec) return refuses ? JSON.stringify({ ErrorCode: 1 }) : okText;
  const refusal = refuses ? refusalOf(spec, body) : null;
  return refusal ? JSON.stringify(refusal) : okAnswer(spec, body);
}

/** JSON cut to `maxShown`. */
function shortened(json: string): string {
  return json.length > maxShown ? `${cut(json, maxShown)}…` : json;
}
