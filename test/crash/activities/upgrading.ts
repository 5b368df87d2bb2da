/** The first seconds of this version on a folder of the version before, which holds rows of every kind. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { age } from "../../shard/ageing.ts";
import type { Books } from "../../shard/books.ts";
import { startGateway } from "../../support/gateway.ts";
import { until } from "../../support/until.ts";
import { backdate, restore } from "../../upgrade/folder.ts";
import {
  everything,
  inOrder,
  mended,
  names,
  rulesFor,
  startReceivers,
  wants,
} from "../../upgrade/troubles.ts";
import type { Said } from "../../upgrade/version.ts";
import { slowly } from "../destinations.ts";
import { waitsIn } from "../history.ts";
import type { Activity } from "./activity.ts";

const texts = join(import.meta.dirname, "../../upgrade/before");

/** After the first time no retry is due yet, after the other all are, and no event has expired. Days. */
const ages = [2, 7];
const later = 7;

export const upgrading: Activity = {
  async open(round) {
    const { delivered, events }: Said & { delivered: Record<string, string[]> } = JSON.parse(
      readFileSync(join(texts, "said.json"), "utf8"),
    );
    const dataDir = mkdtempSync(join(tmpdir(), "tim-relay-upgrading-"));
    after(() => rmSync(dataDir, { recursive: true, maxRetries: 5 }));
    restore(texts, dataDir);
    backdate(dataDir, round.plan.chance.pick(ages));

    const receivers = await startReceivers();
    for (const [name, receiver] of receivers) round.receivers.set(name, receiver);
    round.rules.clear();
    round.lasting.clear();
    for (const rule of rulesFor(receivers) as { name: string; url?: string }[]) {
      const { name, url, ...keys } = rule;
      for (const all of [round.rules, round.lasting]) all.set(name, keys);
    }
    for (const name of names) round.taken.set(name, delivered[name] ?? []);
    for (const { platform, state } of events)
      round.ledger.sent.set(platform, {
        callback: { label: platform },
        at: 0,
        status: state === "quarantined" ? 400 : 200,
        isUnderWay: false,
      });
    round.shards = 2;
    round.settings = { RETENTION_HOURS: 720, ...mended };
    round.constant.clear();
    round.constant.add(everything);
    round.wants = wants;
    round.inOrder = inOrder;
    round.givingUp = ["dead"];
    round.prefixes = ["ordered-", "singly-", "backlog-", "retrying-", ""];
    round.read(dataDir);
    round.answer(slowly(round.plan, 60));
    await round.open((settings) => startGateway(settings, { dataDir }));
  },
  async begin(round, { share }) {
    round.answer(slowly(round.plan, 60));
    const load = round.pour();
    // The first request, or an alarm, makes a shard open its tables.
    if (share === 0) await until("a callback is sent", () => round.ledger.underWay().length > 0);
    else await round.acknowledged(1 + share * 60, load);
    return {
      struck: ({ books, unanswered }) =>
        names.some((name) => waitsIn(books, name)) && (unanswered.length > 0 || hasNew(books)),
    };
  },
  end: ({ host }) => age(host.dataDir, later),
};

/** Whether this version has kept an event. */
function hasNew(books: readonly Books[]): boolean {
  return books.some(({ entries }) => entries.some(({ event }) => event.platform?.includes("burst")));
}
