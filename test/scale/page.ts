/** The generated parts of `docs/scaling.md`. */
import { keys } from "../../src/rule/keys.ts";
import { priceTable } from "../bench/price-by-rate.ts";
import { markdownTable } from "../bench/tables.ts";
import {
  bytesOf,
  fillingRate,
  mostShards,
  plannedRate,
  shardsFor,
  storedBytes,
  storedRate,
  threadRate,
} from "./capacity.ts";
import type { Counted } from "./count.ts";
import {
  assumed,
  conversations,
  mostConcurrency,
  type Simulated,
  simulate,
  timesOf,
} from "./gateway-model.ts";
import { limits } from "./limits.ts";
import { shardRates } from "./traffic.ts";

/** Simulated seconds, by events a second: about as many events in each. */
const secondsAt = (perSecond: number) => Math.min(60, Math.max(1.5, 20_000 / perSecond));

const scenarios = [
  ...[100, 1_000, 10_000, 100_000].flatMap((perSecond) =>
    [1, 8, 64].map((shards) => ({ perSecond, shards })),
  ),
  { perSecond: 10_000, shards: mostShards },
  { perSecond: 100_000, shards: mostShards },
];

const whole = (value: number) => Math.round(value).toLocaleString("en");
const percent = (share: number) => `${Math.round(share * 100)} %`;
const dollars = (value: number) => `$${whole(value)}`;

/** By the names of their marks in the page. */
export function parts(counted: Counted): Record<string, string> {
  return {
    inputs: inputs(counted),
    shard: shard(counted),
    storage: storage(counted),
    filling: `At ${whole(fillingRate(counted))} events a second all day long, a day has ${limits.objectGb.value} GB.`,
    price: price(counted),
    simulation: simulation(counted),
    needs: needs(counted),
    spread: spread(),
    destination: destination(),
    limits: markdownTable(
      ["Limit", "", "Source"],
      Object.values(limits).map(({ value, unit, what, source }) => [
        `${whole(value)} ${unit}`,
        what,
        `[documented](${source})`,
      ]),
    ),
  };
}

function inputs(counted: Counted): string {
  const { append, post } = timesOf(counted);
  const ms = (value: number) => `${value.toFixed(2)} ms`;
  return [
    markdownTable(
      ["Input", "Value", "From"],
      [
        [
          "Processor time of an event, at most",
          ms(append),
          "measured at 500 events/s: all of workerd's, less an empty answer's",
        ],
        ["Processor time of a delivery, at most", ms(post), "measured likewise"],
        [
          "An event in storage",
          `${whole(bytesOf(counted))} bytes`,
          "counted at 50 events/s, bodies of 500 bytes",
        ],
        ["Until a row is durable", `${assumed.confirm} ms`, "assumed"],
        ["From the Worker to the object and back", `${assumed.roundTrip} ms`, "assumed"],
        ["Answer of the destination", `${assumed.answer} ms`, "assumed"],
        ["Conversations", whole(conversations), "assumed; the n-th has an n-th of the first one's events"],
      ],
    ),
    `Counted and measured on ${counted.date}: ${counted.machine}.`,
  ].join("\n\n");
}

function shard(counted: Counted): string {
  return markdownTable(
    ["Destinations", "Events/s that the thread has time for", "Plan with"],
    [0, 1, 2, 5, 10].map((destinations) => [
      String(destinations),
      whole(threadRate(counted, destinations)),
      `${whole(plannedRate(counted, destinations))} events/s`,
    ]),
  );
}

function storage(counted: Counted): string {
  return markdownTable(
    ["Kept for", "`RETENTION_HOURS`", "Events/s, all day long", "Events a day"],
    [30, 7, 3, 1, 0.25].map((days) => [
      lengthOf(days),
      String(days * 24),
      storedRate(counted, days).toFixed(0),
      `${(storedRate(counted, days) * 0.0864).toFixed(1)} million`,
    ]),
  );
}

function price(counted: Counted): string {
  const { head, rows, text } = priceTable(counted.usage);
  return [text ?? "", markdownTable(head, rows)].join("\n\n");
}

function simulation(counted: Counted): string {
  const rows = scenarios.map((scenario) =>
    simulationRow(simulate(scenario, counted, secondsAt(scenario.perSecond))),
  );
  return markdownTable(
    [
      "Events/s",
      "Shards",
      "Busiest shard",
      "Threads busy, the busiest",
      "Answer p50 · p99",
      "Delivered p99",
      "Queues grow by",
      "Rows/event",
      "A million",
    ],
    rows,
  );
}

function simulationRow(one: Simulated): string[] {
  const { growing } = one;
  const queues = Object.entries(growing).flatMap(([name, perSecond]) =>
    perSecond > 0 ? [`${whole(perSecond)} ${name}/s`] : [],
  );
  const late = growing.answers > 0;
  return [
    whole(one.perSecond),
    String(one.shards),
    `${whole(one.busiest)}/s`,
    `${percent(one.busy)}, ${percent(one.mostBusy)}`,
    late ? "ever later" : `${whole(one.answer.p50)} · ${whole(one.answer.p99)} ms`,
    late || growing.deliveries > 0 ? "ever later" : `${whole(one.delivered.p99)} ms`,
    queues.join(", ") || "",
    late ? "" : one.rows.toFixed(2),
    late ? "" : `$${one.dollars.million.toFixed(2)}`,
  ];
}

function needs(counted: Counted): string {
  const rows = [1_000, 10_000, 100_000].flatMap((perSecond) =>
    [7, 1, 0.25].map((retentionDays) => needsRow(counted, perSecond, retentionDays)),
  );
  return markdownTable(
    ["Events/s", "Kept for", "Shards", "Stored, at most", "Rows/event", "A million", "A month"],
    rows,
  );
}

function needsRow(counted: Counted, perSecond: number, retentionDays: number): string[] {
  const shards = shardsFor(counted, perSecond, retentionDays);
  const { rows, dollars: costs } = simulate(
    { perSecond, shards, retentionDays },
    counted,
    secondsAt(perSecond),
  );
  return [
    whole(perSecond),
    lengthOf(retentionDays),
    shards > mostShards ? `${whole(shards)}, of ${mostShards}` : whole(shards),
    `${whole(storedBytes(counted, perSecond, retentionDays) / 1e9)} GB`,
    rows.toFixed(2),
    `$${costs.million.toFixed(2)}`,
    dollars(costs.month),
  ];
}

function lengthOf(days: number): string {
  if (days < 1) return `${days * 24} hours`;
  return days === 1 ? "1 day" : `${days} days`;
}

function spread(): string {
  const rows = [1_000, 10_000, 100_000].flatMap((perSecond) =>
    [8, 64, mostShards].map((shards) => {
      const rates = shardRates({ perSecond, conversations }, shards);
      const busiest = Math.max(...rates);
      return [
        whole(perSecond),
        String(shards),
        `${whole(perSecond / shards)}/s`,
        `${whole(busiest)}/s`,
        `${(busiest / (perSecond / shards)).toFixed(1)} ×`,
      ];
    }),
  );
  return markdownTable(["Events/s", "Shards", "On average", "Busiest shard", ""], rows);
}

/** Deliveries a second that a destination takes. */
function destination(): string {
  const usual = Number(keys.concurrency.default);
  return markdownTable(
    [
      "It answers after",
      `\`concurrency\` ${usual}, the default`,
      `\`concurrency\` ${whole(mostConcurrency)}, the most`,
    ],
    [5, 50, 300].map((ms) => [
      `${ms} ms`,
      `${whole((usual * 1_000) / ms)}/s`,
      `${whole((mostConcurrency * 1_000) / ms)}/s`,
    ]),
  );
}
