/** What the first load of the page takes: files, and time on a slow processor. */
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import type { Server } from "../processes.ts";
import { type Sample, sampleOf } from "../sample.ts";
import { openTab } from "./tab.ts";

/** The processor of a phone, roughly, as Lighthouse sees it. */
const slowness = 4;

/** After an event's row is drawn, a part that comes later may still block the page. Milliseconds. */
const settleMs = 1_000;

export interface FirstLoad {
  /** Of all files of the view that is shown at first, compressed by gzip. */
  kb: number;
  files: number;
  /** Of files and of the API. */
  requests: number;
  /** The list of events, on a processor that is four times slower: milliseconds from the navigation. */
  interactiveMs: Sample;
  largestPaintMs: Sample;
  blockingMs: Sample;
}

/** @param gateway with events */
export async function firstLoad(browser: Browser, gateway: Server, rounds: number): Promise<FirstLoad> {
  const bodies = new Map<string, Promise<Buffer>>();
  const counted = await openTab(browser, gateway, "", {
    onFile: (address, body) => bodies.set(address, body),
  });
  await counted.page.getByRole("navigation").waitFor();
  await counted.page.waitForLoadState("networkidle");
  const found = await Promise.all(
    [...bodies].map(async ([address, body]) => ({ address, body: await body })),
  );
  await counted.close();
  const files = found.filter(({ address }) => !new URL(address).pathname.startsWith("/api/"));

  const runs: { interactiveMs: number; largestPaintMs: number; blockingMs: number }[] = [];
  // The first tab of a browser starts a process that the others find.
  for (let round = 0; round <= rounds; round++) {
    const tab = await openTab(browser, gateway, "events", { slowness });
    await tab.page.waitForFunction(() => watch.loaded.interactiveMs > 0);
    await tab.page.waitForTimeout(settleMs);
    const { blockingMs } = await tab.taken();
    runs.push({ ...(await tab.page.evaluate(() => watch.loaded)), blockingMs });
    await tab.close();
  }
  const sample = (name: keyof (typeof runs)[number]) => sampleOf(runs.slice(1).map((run) => run[name]));
  return {
    kb: files.reduce((sum, { body }) => sum + gzipSync(body).length, 0) / 1024,
    files: files.length,
    requests: found.length,
    interactiveMs: sample("interactiveMs"),
    largestPaintMs: sample("largestPaintMs"),
    blockingMs: sample("blockingMs"),
  };
}
