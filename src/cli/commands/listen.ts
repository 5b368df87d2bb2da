/** `tim-relay listen`: receives the events and questions of a rule on a laptop, and answers by a server there. */
import { createInterface } from "node:readline";
import { InvalidArgumentError } from "commander";
import { ApiError, type ListenerRequest } from "../../client/index.js";
import { parseDuration } from "../../rule/duration.ts";
import { isObject } from "../../rule/json.ts";
import { gatewayCommand } from "../command.ts";
import { Misuse } from "../failure.ts";
import { atGateway } from "../gateway.ts";
import { type Exchange, exchange, type Play } from "../listen/answerer.ts";
import { followed } from "../listen/follow.ts";
import { exchangePieces } from "../listen/line.ts";
import { onlyListener } from "../listen/rule.ts";
import { harmless, remark, say, sayJsonLine, screenWidth } from "../screen.ts";
import { cutPieces } from "../tail/line.ts";

const help = `
The rule has "url": "listener:" or "ask": "listener:", and its secret is a token, too. While no listener is there, its
events wait at the gateway, and it is not asked. One program listens for a rule: a newer one takes over, and the older
ends. Enter repeats the last exchange with the server here; the gateway hears nothing of that.

Example: npx tim-relay listen dev --to http://localhost:3000/tim`;

const base = gatewayCommand(
  "listen",
  "receives the events and questions of a rule here, and answers them",
  "receiver",
)
  .argument("[destination]", "the rule (the only one that has a listener)")
  .option("--to <url>", "the server here that requests are posted to, and that answers", address)
  .option("--delay <duration>", "holds each answer back: 3s, 200ms", duration, 0)
  .option("--status <code>", "answers with this HTTP status, and posts nothing", status)
  .option("--answer <verdict>", "answers allow, refuse or a JSON object, and posts nothing", verdict)
  .addHelpText("after", help);

export const listen = base.action(async (destination, options) => {
  await atGateway(options, async (relay) => {
    const { to = null, delay, status = null, answer = null, json } = options;
    if (to === null && status === null && answer === null)
      throw new Misuse("give --to, or one of --status and --answer");
    const play: Play = { to, delayMs: delay, status, answer };
    const name = destination ?? (await onlyListener(relay));
    const show = (ended: Exchange, again = false) => {
      if (json) sayJsonLine(again ? { ...ended, repeated: true } : ended);
      else say(...cutPieces(exchangePieces(ended, Date.now(), again), screenWidth()));
    };
    const repeat = repeating(play, (ended) => show(ended, true));
    const witness = {
      opened() {
        if (process.stderr.isTTY && !json)
          remark(`listening for ${name} at ${relay.url}; Enter repeats an exchange, Ctrl-C ends`);
      },
      lost: (reason: string) => remark(`${harmless(reason)}; connecting again`),
      refused: (reason: string) => remark(`${harmless(reason)}; waiting for that`),
      restored: (after: string) => remark(`connected again after ${after}; what came meanwhile follows`),
      mistaken: (sentence: string) => remark(`the gateway does not take an answer: ${harmless(sentence)}`),
    };
    let shown = Promise.resolve();
    try {
      for await (const request of followed(relay, name, witness)) {
        repeat.last = request;
        const ended = exchange(request, play);
        // Events are shown in the order in which they came. A question does not wait for them.
        if (request.kind === "ask") void ended.then((one) => show(one));
        else shown = Promise.all([ended, shown]).then(([one]) => show(one));
      }
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "replaced")) throw error;
      throw new ApiError(error.code, `${error.message}, and this one ends: start it again to take over`);
    } finally {
      repeat.end();
    }
    return 0;
  });
  // A connection that is closing may last for seconds, for which Node would wait.
  process.stdout.write("", () => process.exit());
});

/** Enter repeats the last request with the server here. */
function repeating(play: Play, show: (ended: Exchange) => void) {
  const repeat = { last: null as ListenerRequest | null, end: () => {} };
  if (!process.stdin.isTTY) return repeat;
  const keys = createInterface({ input: process.stdin });
  keys.on("line", () => {
    if (repeat.last) void exchange({ ...repeat.last, answer: () => {} }, play).then(show);
  });
  repeat.end = () => keys.close();
  return repeat;
}

function address(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError(
      `expected a URL such as http://localhost:3000/tim, got ${JSON.stringify(text)}`,
    );
  return text;
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null)
    throw new InvalidArgumentError(`expected a duration such as 3s, got ${JSON.stringify(text)}`);
  return ms;
}

function status(text: string): number {
  if (!/^[2-5]\d\d$/.test(text))
    throw new InvalidArgumentError(`expected an HTTP status from 200 to 599, got ${JSON.stringify(text)}`);
  return Number(text);
}

function verdict(text: string): string {
  if (text === "allow" || text === "refuse" || isJsonObject(text)) return text;
  throw new InvalidArgumentError(
    `expected allow, refuse or a JSON object such as {"ErrorCode": 1}, got ${JSON.stringify(text)}`,
  );
}

function isJsonObject(text: string): boolean {
  try {
    return isObject(JSON.parse(text));
  } catch {
    return false;
  }
}
