/** `tim-relay send`: signed example callbacks, as Tencent sends them, and what became of them. */
import { catalogue } from "../../callback/catalogue.ts";
import type { Command } from "../../callback/command.ts";
import { freshBody } from "../../callback/example.ts";
import type { Client, EventDetail } from "../../client/index.js";
import { readConfig } from "../../config.ts";
import { localRun } from "../../settings.ts";
import { command } from "../command.ts";
import { callbackUrl, change, nearest, type Sender } from "../example.ts";
import { Misuse } from "../failure.ts";
import { accessOf, clientOf } from "../gateway.ts";
import { tookOf } from "../moment.ts";
import { number, positive, wholeNumber } from "../options.ts";
import { eventOf, eventsSince, type Mark, markOf, mostFollowed } from "../outcome.ts";
import { bold, dim, say, sayJson, sayText, stateOf } from "../screen.ts";
import { type Answer, describe, send as post, repeat, summary } from "../sending.ts";
import { readLocalSettings, type Settings } from "../settings.ts";
import { verdictSentence } from "../verdict.ts";

/** A gateway that was asked for its events is not waited for longer than that, seconds. */
const patience = 5;

const several = (value: string, before: string[]) => [...before, value];

export const send = command(
  "send",
  "sends signed example callbacks, as Tencent does, and shows what became of them",
)
  .argument("[command]", "for example Group.CallbackAfterRecallMsg: see --list")
  .option("--url <url>", "where to (TIM_RELAY_URL, else http://localhost:PORT, with CALLBACK_PATH)")
  .option("--app <id>", "the SDKAppID (the first one of SDK_APP_ID)")
  .option("--token <token>", "signs with it (the first one of CALLBACK_TOKEN); empty: unsigned")
  .option("--set <path=value>", "changes the body: MsgSeqList[0].MsgSeq=7; may be repeated", several, [])
  .option("--count <n>", "how many", wholeNumber, 1)
  .option("--concurrency <n>", "how many at a time", wholeNumber, 1)
  .option("--rate <n>", "how many a second at most", positive)
  .option("--wait <seconds>", "how long their outcome is waited for; 0: it is not shown", number, 2)
  .option("--all", "every command instead of one")
  .option("--list", "names the commands")
  .option("--json", "prints JSON")
  .action(async (name, options) => {
    if (options.list) {
      for (const { name, phase, summary } of catalogue.values()) say(`${name} (${phase}): ${summary}`);
      return;
    }
    process.once("SIGINT", () => process.exit(130));
    const commands = options.all && name === undefined ? [...catalogue.values()] : [commandOf(name)];
    const { values: settings } = readLocalSettings();
    const sender = senderOf(options, settings);
    const relay = options.wait > 0 ? readerOf(sender.url, settings) : null;
    const mark = relay && (await markOf(relay).catch(() => null));

    let lastMs = 0;
    const bodies: Record<string, unknown>[] = [];
    const sendOne = async (index: number) => {
      const command = commands[index % commands.length]!;
      lastMs = Math.max(Date.now(), lastMs + 1);
      const body = freshBody(command.example, lastMs, Math.random);
      for (const assignment of options.set) change(body, assignment);
      bodies[index] = body;
      const answer = await post(callbackUrl(sender, command.name, Date.now()), JSON.stringify(body));
      if (options.all && !options.json)
        say(`${command.name}: ${describe(answer)} (${answer.ms.toFixed(1)} ms)`);
      return answer;
    };
    const start = performance.now();
    const count = options.count * commands.length;
    const answers = await repeat(sendOne, count, options.concurrency, options.rate ?? Infinity);
    const tookMs = performance.now() - start;
    const sent = { relay, mark, commands, waitMs: options.wait * 1000 };
    const [only] = answers;
    if (options.json) sayJson(await outcomeOf(answers, bodies[0]!, sent));
    else if (answers.length === 1 && only) {
      say(`${describe(only)} (${only.ms.toFixed(1)} ms)`);
      const event = await followed(only, bodies[0]!, sent);
      if (event) sayOutcome(event);
    } else {
      sayText(summary(answers, tookMs));
      const states = await statesOf(answers, sent);
      if (states) say(`kept: ${inWords(states)}`);
    }
    process.exitCode = answers.every(({ status }) => status === 200) ? 0 : 1;
  });

interface Sent {
  /** Null where no token opens the API. */
  relay: Client | null;
  mark: Mark | null;
  commands: readonly Command[];
  waitMs: number;
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

function sayOutcome({ id, state, verdict, deliveries, issues }: EventDetail): void {
  say(id, "  ", stateOf(state));
  if (verdict) say(dim("  verdict  "), verdictSentence(verdict));
  for (const { path, message } of issues) say(dim("  problem  "), `${path} ${message}`);
  if (deliveries.length === 0) say(dim("  no rule forwards it"));
  for (const { destination, state, attempts } of deliveries) {
    const last = attempts.at(-1);
    const outcome = last && (last.error ?? `answered ${last.status} in ${tookOf(last.ms)}`);
    say("  ", bold(destination), "  ", stateOf(state), outcome ? `: ${outcome}` : "");
  }
  say(dim(`  more: tim-relay show ${id}`));
}

function commandOf(name: string | undefined): Command {
  if (name === undefined)
    throw new Misuse("name one command; --list shows all, --all sends all, --help the options");
  const command = catalogue.get(name);
  if (command) return command;
  const near = nearest(name, catalogue.keys());
  const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : "--list shows all";
  throw new Misuse(`there is no command ${name}: ${hint}`);
}

function senderOf(
  { url, app, token }: { url?: string; app?: string; token?: string },
  settings: Settings,
): Sender {
  // As in a local run, samples are accepted as tokens: the gateway itself may refuse them.
  const { callbackPath, receiving } = readConfig({ ...settings, [localRun]: "true" });
  const gateway = url ?? (settings.TIM_RELAY_URL || `http://localhost:${settings.PORT || 8787}`);
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
function readerOf(url: string, settings: Settings): Client | null {
  const access = accessOf({ url: new URL(url).origin }, settings);
  return access.token === null ? null : clientOf(access, patience);
}
