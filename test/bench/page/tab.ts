/** A tab of Chromium that shows the page of a gateway, signed in, watched. */
import type { Browser, CDPSession, Page } from "playwright-core";
import type { Server } from "../processes.ts";
import { adminToken } from "../servers.ts";
import { type Watched, watchPage } from "./watch.ts";

export interface Tab {
  page: Page;
  /** Since the page was opened, or since the last call. */
  taken(): Promise<Watched>;
  /** After all garbage has been collected. */
  memory(): Promise<Memory>;
  close(): Promise<void>;
}

export interface Memory {
  /** Of JavaScript's heap. */
  mb: number;
  /** Of the document, in sight or not. */
  nodes: number;
}

interface Options {
  /** How many times slower than this machine its processor is. */
  slowness?: number;
  /** Is given each address that the page asks for, and the answer's body. */
  onFile?(address: string, body: Promise<Buffer>): void;
}

/** How long a part of the page may take to appear. Milliseconds. */
const patienceMs = 60_000;

/** @param view of the address, as in `#/events` */
export async function openTab(
  browser: Browser,
  gateway: Server,
  view: string,
  { slowness = 1, onFile }: Options = {},
): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(patienceMs);
  const page = await context.newPage();
  if (onFile) page.on("response", (response) => onFile(response.url(), response.body()));
  const cdp = await context.newCDPSession(page);
  await cdp.send("Performance.enable");
  await cdp.send("HeapProfiler.enable");
  if (slowness > 1) await cdp.send("Emulation.setCPUThrottlingRate", { rate: slowness });
  // The tab keeps its token there when it has been signed in by an address.
  await page.addInitScript((token) => sessionStorage.setItem("tim-relay.token", token), adminToken);
  await page.addInitScript(watchPage);
  await page.goto(`${gateway.url}#/${view}`, { waitUntil: "commit" });
  return {
    page,
    taken: () => page.evaluate(() => watch.taken()),
    memory: () => memoryOf(cdp),
    close: () => context.close(),
  };
}

async function memoryOf(cdp: CDPSession): Promise<Memory> {
  // What the first collection finalizes goes with the second.
  for (let turn = 0; turn < 2; turn++) await cdp.send("HeapProfiler.collectGarbage");
  const { metrics } = await cdp.send("Performance.getMetrics");
  const metric = (name: string) => metrics.find((one) => one.name === name)!.value;
  return { mb: metric("JSHeapUsedSize") / 1e6, nodes: metric("Nodes") };
}
