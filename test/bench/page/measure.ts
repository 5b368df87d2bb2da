/** The measurements of the page, one after the other. */
import { loadavg } from "node:os";
import { type Browser, chromium } from "playwright-core";
import type { Bundle } from "../../../src/cli/bundle.ts";
import { chromiumPath, withoutChromium } from "../../support/chromium.ts";
import { describeMachine } from "../machine.ts";
import { startBackend, startSender } from "../peers.ts";
import { prefill } from "../prefill.ts";
import { stopAll } from "../processes.ts";
import { destination, startGateway } from "../servers.ts";
import { type FirstLoad, firstLoad } from "./first-load.ts";
import { type Live, live, withEventOpen } from "./live.ts";
import { type Scrolling, scrolling } from "./scrolling.ts";

export interface Plan {
  name: "full" | "quick" | "smallest";
  /** Loads on a slow processor. */
  loads: number;
  /** In the list that is scrolled. */
  events: number;
  /** Of events that come while the list is open. */
  seconds: number;
  /** Of events that come while another view is open. */
  viewSeconds: number;
  /** Of each part but those that last a minute: the middle one counts. */
  rounds: number;
}

export const plans: Readonly<Record<Plan["name"], Plan>> = {
  full: { name: "full", loads: 9, events: 10_000, seconds: 60, viewSeconds: 15, rounds: 3 },
  quick: { name: "quick", loads: 5, events: 10_000, seconds: 20, viewSeconds: 10, rounds: 1 },
  /** Shows that everything runs; its numbers mean nothing. */
  smallest: { name: "smallest", loads: 1, events: 300, seconds: 1, viewSeconds: 1, rounds: 1 },
};

export interface Report {
  plan: Plan;
  /** ISO date. */
  date: string;
  machine: string;
  chromium: string;
  /** Processes that wanted a processor, on average: at the start and after each part. */
  load: readonly number[];
  firstLoad: FirstLoad;
  scrolling: readonly Scrolling[];
  live: Live;
  withEventOpen: Live;
  overview: readonly Live[];
  destinations: readonly Live[];
}

interface Bench {
  product: Bundle;
  plan: Plan;
  say(progress: string): void;
}

const size = 300;

/** No answer is late: the page is measured, not the gateway. */
const patienceMs = 20_000;
const dayMs = 86_400_000;

/** @throws Error where there is no Chromium */
export async function measurePage({ product, plan, say }: Bench): Promise<Report> {
  if (chromiumPath === null) throw new Error(withoutChromium);
  const browser = await chromium.launch({ executablePath: chromiumPath });
  try {
    const load = [loadavg()[0]!];
    const part = async <Found>(name: string, measure: (browser: Browser) => Promise<Found>) => {
      say(name);
      const found = await measure(browser);
      load.push(loadavg()[0]!);
      say(`  the machine's load is ${load.at(-1)!.toFixed(1)}`);
      return found;
    };
    const rounds = async <Found>(measure: () => Promise<Found>) => {
      const all: Found[] = [];
      while (all.length < plan.rounds) all.push(await measure());
      return all;
    };

    const backend = await startBackend();
    const rules = [destination("d0", backend)];
    // Without a rule it makes its tables and notes nothing.
    const { dir, stop } = await startGateway(product, { rules: [] });
    await stop();
    prefill(dir, plan.events, size, dayMs);
    const full = await startGateway(product, { rules, dir });
    const loaded = await part("loading the page", (browser) => firstLoad(browser, full, plan.loads));
    const scrolled = await part(`scrolling ${plan.events.toLocaleString("en")} events`, (browser) =>
      rounds(() => scrolling(browser, full, plan.events)),
    );
    await full.stop();

    const gateway = await startGateway(product, { rules });
    const watching = { browser, gateway, sender: startSender(patienceMs) };
    const inList = await part("watching 200 events/s", () => live(watching, "events", plan.seconds));
    const besideEvent = await part("watching 200 events/s beside an open event", () =>
      live(watching, "events", plan.seconds, withEventOpen),
    );
    const views: Pick<Report, "overview" | "destinations"> = { overview: [], destinations: [] };
    for (const view of ["overview", "destinations"] as const)
      views[view] = await part(`watching 200 events/s in the ${view} view`, () =>
        rounds(() => live(watching, view, plan.viewSeconds)),
      );
    return {
      plan,
      date: new Date().toISOString().slice(0, 10),
      machine: describeMachine(),
      chromium: browser.version(),
      load,
      firstLoad: loaded,
      scrolling: scrolled,
      live: inList,
      withEventOpen: besideEvent,
      ...views,
    };
  } finally {
    await browser.close();
    await stopAll();
  }
}
