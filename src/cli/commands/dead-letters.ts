/** `tim-relay dead-letters`: deliveries that were given up, and how to send them again. */
import type { Client, DeadLetter } from "../../client/index.js";
import { gatewayCommand } from "../command.ts";
import { counted } from "../counted.ts";
import { Misuse } from "../failure.ts";
import { atGateway } from "../gateway.ts";
import { hint } from "../hint.ts";
import { sayMissing } from "../missing.ts";
import { relativeTime, relativeWidth, shortTime } from "../moment.ts";
import { wholeNumber } from "../options.ts";
import { replayed } from "../replay/order.ts";
import { sayEnd } from "../replay/report.ts";
import type { Replay } from "../replay/watch.ts";
import { dim, remark, say, sayJson, sayJsonLine, screenWidth } from "../screen.ts";
import { type Column, sayTable } from "../table.ts";

const help = `
With --replay each destination's dead letters are sent in a replay of their own, behind the live events, and followed to
the end. The exit code is 1 if one failed.

Example: npx tim-relay dead-letters --destination audit --replay`;

export const deadLetters = gatewayCommand(
  "dead-letters",
  "lists deliveries that were given up, or sends them again",
  "mostly admin",
)
  .option("-d, --destination <destination>", "those of one destination")
  .option("--without <shards>", "leaves shards out, by number, that do not answer: 2 or 2,5")
  .option("-n, --limit <count>", "how many are listed at most", wholeNumber, 20)
  .option("--all", "lists all, however many")
  .option("--replay", "sends them again")
  .option("--ids <ids...>", "with --replay: those of these events alone")
  .addHelpText("after", help)
  .action((options) =>
    atGateway(options, async (relay) => {
      const { destination, json, ids, without } = options;
      if (without !== undefined && options.replay) throw new Misuse("--without: chooses what is listed");
      if (ids && !options.replay) throw new Misuse("--ids: chooses what --replay sends");
      if (ids) return sendChosen(relay, ids, destination, json);
      if (options.replay) return sendAll(relay, destination, json);
      const chosen = { ...(destination !== undefined && { destination }), ...(without && { without }) };
      await list(relay, chosen, options.all ? Infinity : options.limit, json);
      return 0;
    }),
  );

async function list(
  relay: Client,
  chosen: { destination?: string; without?: string },
  limit: number,
  json: true | undefined,
): Promise<void> {
  const query = { ...chosen, limit: Math.min(limit, 200) };
  let shown = 0;
  for await (const { deadLetters, cursor, missing } of relay.pages("/api/dead-letters", { query })) {
    if (shown === 0) sayMissing(missing);
    const page = deadLetters.slice(0, limit - shown);
    if (json) page.forEach(sayJsonLine);
    else if (page.length > 0) sayTable(columns(Date.now()), page, screenWidth(), shown > 0);
    shown += page.length;
    if (shown < limit) continue;
    if (!json && process.stdout.isTTY && (cursor !== null || page.length < deadLetters.length))
      say(dim(`more: --limit ${limit * 5}, or --all`));
    return;
  }
  if (json) return;
  if (shown === 0) remark("no dead letter");
  else if (process.stdout.isTTY) say(dim("to send them again: --replay"));
}

function columns(now: number): Column<DeadLetter>[] {
  return [
    { title: "GIVEN UP", cell: ({ at }) => shortTime(at, now), optional: true },
    { title: "EVENT", cell: ({ event }) => event },
    { title: "DESTINATION", cell: ({ destination }) => destination, least: 10 },
    { title: "ERROR", cell: ({ error }) => error ?? "", least: 14 },
    { title: "ATTEMPTS", cell: ({ attempts }) => String(attempts), right: true, optional: true },
    { title: "AGO", cell: ({ at }) => dim(relativeTime(at, now)), usual: relativeWidth, optional: true },
  ];
}

async function sendChosen(
  relay: Client,
  ids: string[],
  destination: string | undefined,
  json: true | undefined,
): Promise<number> {
  const body = { ids, ...(destination !== undefined && { destinations: [destination] }) };
  const answer = await relay.post("/api/dead-letters/replay", { body });
  if (json) sayJson(answer);
  else if (answer.queued === 0) remark("no dead letter of these events: nothing is sent");
  else
    say(
      `${counted(answer.queued, "dead letter")} queued`,
      dim(`; ${hint(relay, "show ID")} tells how it went`),
    );
  sayMissing(answer.missing);
  return 0;
}

/** A replay for each destination that has dead letters: it is counted, paced, and tells how far it is. */
async function sendAll(
  relay: Client,
  destination: string | undefined,
  json: true | undefined,
): Promise<number> {
  const all = await relay.get("/api/destinations");
  const names =
    destination === undefined ? all.filter(({ dead }) => dead > 0).map(({ name }) => name) : [destination];
  const able = names.filter((name) => destination !== undefined || !isDisabled(name, all));
  const ended: Replay[] = [];
  let code = 0;
  for (const name of able) {
    const order = {
      destination: name,
      since: "1970-01-01",
      until: new Date().toISOString(),
      state: "dead" as const,
    };
    const job = await replayed(relay, order, json === true);
    if (job === null) continue;
    ended.push(job);
    if (!json) code = Math.max(code, sayEnd(job, relay));
    else if (job.state !== "done" || job.failed > 0) code = 1;
  }
  for (const name of names.filter((name) => !able.includes(name))) {
    remark(`${name} is disabled, and was left out: ${hint(relay, `resume ${name}`)}`);
    code = 1;
  }
  if (json) sayJson(ended);
  else if (ended.length === 0 && code === 0) remark("no dead letter: nothing is sent");
  return code;
}

const isDisabled = (name: string, all: readonly { name: string; state: string }[]) =>
  all.some((one) => one.name === name && one.state === "disabled");
