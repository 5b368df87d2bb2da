/** A full journal: accepting beside an empty one, searching, exporting. */
import { acceptingHead, acceptingRow, compare, gatewaySubject } from "./acceptance.ts";
import { filledWith } from "./filled.ts";
import type { Measured } from "./part.ts";
import { ratiosOf, sampleOf } from "./sample.ts";
import { searching } from "./searching.ts";
import { type Bench, destination, startGateway } from "./servers.ts";

export async function journal(bench: Bench): Promise<Measured> {
  const { product, backend, plan, say } = bench;
  const rules = [destination("d0", backend)];
  const kept = plan.kept.toLocaleString("en");
  say(`keeping ${kept} events`);
  const { dir } = await filledWith(plan.kept, product);
  const gateways = [
    await startGateway(product, { rules }),
    await startGateway(product, { rules, dir }),
  ] as const;
  const { page, accountMs, exportedPerSecond, exportedBytes, peakMb } = await searching(gateways[1], bench);
  say("accepting with events kept");
  const subjects = [
    gatewaySubject("none kept", gateways[0]),
    gatewaySubject(`${kept} events kept`, gateways[1]),
  ];
  const [empty, full] = await compare(subjects, bench, plan.journal);
  return {
    numbers: {
      fullJournalRatio: ratiosOf(full!.perSecond, empty!.perSecond),
      latestPageMs: sampleOf([page.slowest]),
    },
    sentences: [
      `With ${kept} events kept, the latest page takes ${page.median.toFixed(1)} ms, the first time ` +
        `${page.first.toFixed(1)} ms. A search for an account that no event names looks through all in ${Math.round(accountMs)} ms.`,
      `An export of all has ${Math.round(exportedBytes / 1e6)} MB, at ${Math.round(exportedPerSecond).toLocaleString("en")} ` +
        `events/s${peakMb === null ? "" : `; the runtime has had ${Math.round(peakMb)} MB at most`}.`,
    ],
    tables: [
      {
        title: "With events kept",
        text: "At 64 connections and one destination.",
        head: acceptingHead,
        rows: [acceptingRow(empty!), acceptingRow(full!)],
      },
    ],
  };
}
