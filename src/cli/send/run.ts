/** One run of `tim-relay send`: sends, looks for the outcome of the events, prints. */
import { catalogue } from "../../callback/catalogue.ts";
import type { Command } from "../../callback/command.ts";
import { freshBody } from "../../callback/example.ts";
import type { Client, EventDetail } from "../../client/index.js";
import { readConfig } from "../../config.ts";
import { localRun } from "../../settings.ts";
import { callbackUrl, change, nearest, type Sender } from "../example.ts";
import { Misuse } from "../failure.ts";
import { accessOf, clientOf, usualUrl } from "../gateway.ts";
import { hint } from "../hint.ts";
import { tookOf } from "../moment.ts";
import { bold, dim, say, sayJson, sayText, stateOf } from "../screen.ts";
import { readLocalSettings, type Settings } from "../settings.ts";
import { verdictSentence } from "../verdict.ts";
import { eventOf, eventsSince, type Mark, markOf, mostFollowed } from "./outcome.ts";
import { type Answer, describe, post, repeat, summary } from "./post.ts";

/** A gateway that was asked for its events is not waited for longer than that, seconds. */
const longestPatience = 5;

interface Options {
  url?: string;
  app?: string;
  token?: string;
  /** `path=value` each. */
  set?: readonly string[] | undefined;
  count: number;
  concurrency: number;
  rate?: number;
  /** Seconds, and so is `wait`. */
  timeout: number;
  wait: number;
  all?: true;
  list?: true;
  json?: true;
}

/** Resolves with the exit code. @param name of the command */
export async function run(name: string | undefined, options: Options): Promise<number> {
  if (options.list) {
    const known = [...catalogue.values()];
    if (options.json) sayJson(known.map(({ name, phase, summary }) => ({ command: name, phase, summary })));
    else for (const { name, phase, summary } of known) say(`${name} (${phase}): ${summary}`);
    return 0;
  }
  const commands = options.all && name === undefined ? [...catalogue.values()] : [commandOf(name)];
  const { values: settings } = readLocalSettings();
  const sender = senderOf(options, settings);
  const from = options.url ? "--url" : usualUrl(settings).from;
  const patience = Math.min(longestPatience, options.timeout);
  const relay = options.wait > 0 ? readerOf(sender.url, settings, patience) : null;
  const mark = relay && (await markOf(relay).catch(() => null));

  let lastMs = 0;
  const bodies: Record<string, unknown>[] = [];
  const sendOne = async (index: number) => {
    const command = commands[index % commands.length]!;
    lastMs = Math.max(Date.now(), lastMs + 1);
    const body = freshBody(command.example, lastMs, Math.random);
    for (const assignment of options.set ?? []) change(body, assignment);
    bodies[index] = body;
    const url = callbackUrl(sender, command.name, Date.now());
    const answer = await post(url, JSON.stringify(body), options.timeout * 1000, from);
    if (options.all && !options.json && answer.failure === null)
      say(`${command.name}: ${describe(answer)} (${answer.ms.toFixed(1)} ms)`);
    return answer;
  };
  const start = performance.now();
  const count = options.count * commands.length;
  const answers = await repeat(sendOne, count, options.concurrency, options.rate ?? Infinity);
  const tookMs = performance.now() - start;
  const sent = { relay, mark, commands, waitMs: options.wait * 1000 };
  const failure = commonFailure(answers);
  if (options.json) sayJson(await outcomeOf(answers, bodies[0]!, sent));
  else if (failure === null) await sayAnswers(answers, tookMs, bodies[0]!, sent);
  if (failure !== null) throw new Error(failure);
  return answers.every(({ status, failure }) => status === 200 && failure === null) ? 0 : 1;
}

interface Sent {
  /** Null where no token opens the API. */
  relay: Client | null;
  mark: Mark | null;
  commands: readonly Command[];
  waitMs: number;
}

/** Why no callback was answered by a gateway; null if one was, or the reasons differ. */
function commonFailure([first, ...others]: readonly Answer[]): string | null {
  const failure = first?.failure ?? null;
  return others.every((answer) => answer.failure === failure) ? failure : null;
}

async function sayAnswers(
  answers: readonly Answer[],
  tookMs: number,
  body: Record<string, unknown>,
  sent: Sent,
): Promise<void> {
  const [only] = answers;
  if (answers.length === 1 && only) {
    say(`${describe(only)} (${only.ms.toFixed(1)} ms)`);
    const event = await followed(only, body, sent);
    if (event && sent.relay) sayOutcome(event, sent.relay);
    return;
  }
  sayText(summary(answers, tookMs));
  const states = await statesOf(answers, sent);
  if (states) say(`kept: ${inWords(states)}`);
}

/** One answer and its event, or all answers and how many of their events are in each state. */
async function outcomeOf(answers: readonly Answer[], body: Record<string, unknown>, sent: Sent) {
  const [only] = answers;
  return answers.length === 1 && only
    ? { ...only, event: await followed(only, body, sent) }
    : { answers, states: await statesOf(answers, sent) };
}

/** The event of the only callback; null if it was not kept, or cannot be looked up. */
async function followed(
  { status }: Answer,
  body: Record<string, unknown>,
  { relay, mark, commands, waitMs }: Sent,
): Promise<EventDetail | null> {
  // A body that is refused as a misfit is kept, too.
  if (!relay || !mark || (status !== 200 && status !== 400)) return null;
  return eventOf(relay, mark, commands[0]!.name, body, waitMs).catch(() => null);
}

/** How many of the events are in each state. */
async function statesOf(
  answers: readonly Answer[],
  { relay, mark, commands, waitMs }: Sent,
): Promise<Record<string, number> | null> {
  const kept = answers.filter(({ status }) => status === 200).length;
  if (!relay || !mark || kept === 0 || kept > mostFollowed) return null;
  const names = new Set(commands.map(({ name }) => name));
  const events = await eventsSince(relay, mark, names, kept, waitMs).catch(() => null);
  if (!events) return null;
  return Object.fromEntries(
    [...Map.groupBy(events, ({ state }) => state)].map(([state, of]) => [state, of.length]),
  );
}

const inWords = (states: Record<string, number>) =>
  Object.entries(states)
    .map(([state, count]) => `${count} ${state}`)
    .join(", ") || "none found yet";

function sayOutcome({ id, state, verdict, deliveries, issues }: EventDetail, relay: Client): void {
  say(id, "  ", stateOf(state));
  if (verdict) say(dim("  verdict  "), verdictSentence(verdict));
  for (const { path, message } of issues) say(dim("  problem  "), `${path} ${message}`);
  if (deliveries.length === 0) say(dim("  no rule forwards it"));
  for (const { destination, state, attempts } of deliveries) {
    const last = attempts.at(-1);
    const outcome = last && (last.error ?? `answered ${last.status} in ${tookOf(last.ms)}`);
    say("  ", bold(destination), "  ", stateOf(state), outcome ? `: ${outcome}` : "");
  }
  say(dim(`  more: ${hint(relay, `show ${id}`)}`));
}

function commandOf(name: string | undefined): Command {
  if (name === undefined)
    throw new Misuse("name one command; --list shows all, --all sends all, --help the options");
  const command = catalogue.get(name);
  if (command) return command;
  const near = nearest(name, catalogue.keys());
  const remedy = near.length > 0 ? `did you mean ${near.join(" or ")}?` : "--list shows all";
  throw new Misuse(`there is no command ${name}: ${remedy}`);
}

function senderOf({ url, app, token }: Pick<Options, "url" | "app" | "token">, settings: Settings): Sender {
  // As in a local run, samples are accepted as tokens: the gateway itself may refuse them.
  const { callbackPath, receiving } = readConfig({ ...settings, [localRun]: "true" });
  const gateway = url ?? usualUrl(settings).url;
  return {
    url: targetUrl(gateway, callbackPath),
    app: app ?? receiving.apps[0] ?? "1400000000",
    token: (token ?? receiving.tokens[0]) || null,
  };
}

/** The URL to send to. The callback path is added if the given URL has no path. */
function targetUrl(text: string, callbackPath: string): string {
  if (!URL.canParse(text))
    throw new Misuse(`--url: ${JSON.stringify(text)} is not a URL such as http://localhost:8787`);
  const url = new URL(text);
  if (url.pathname === "/") url.pathname = callbackPath;
  return url.href;
}

/** A client of the gateway that is sent to; null without a token. */
function readerOf(url: string, settings: Settings, patience: number): Client | null {
  const access = accessOf({ url: new URL(url).origin }, settings);
  return access.token === null ? null : clientOf(access, patience);
}
