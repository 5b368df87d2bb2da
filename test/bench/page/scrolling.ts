/** A long list, scrolled to its end and back by the wheel. */
import type { Browser, Page } from "playwright-core";
import type { Server } from "../processes.ts";
import { openTab } from "./tab.ts";
import type { Watched } from "./watch.ts";

/** Pixels of a step of the wheel, turned fast. */
const step = 1_200;

export interface Scrolling {
  events: number;
  /** Further down older events are loaded, page by page. */
  down: Watched;
  back: Watched;
  /** With all events in the list. */
  again: Watched;
}

/** @param gateway with so many events */
export async function scrolling(browser: Browser, gateway: Server, events: number): Promise<Scrolling> {
  const tab = await openTab(browser, gateway, "events");
  const { page, taken } = tab;
  await page.locator(".rows .row").first().hover();
  await taken();
  const down = await scrolled(page, step, events);
  const first = await taken();
  await scrolled(page, -step, 1);
  const back = await taken();
  await scrolled(page, step, events);
  const again = await taken();
  await tab.close();
  if (down !== events) throw new Error(`the list has ${down} events instead of ${events}`);
  return { events, down: first, back, again };
}

/** Turns the wheel until the row of a position is in the page. Returns the last position of the list then. */
async function scrolled(page: Page, by: number, position: number): Promise<number> {
  const row = page.locator(`.rows .row[aria-posinset="${position}"]`);
  const until = Date.now() + 300_000;
  while ((await row.count()) === 0) {
    if (Date.now() > until) throw new Error(`the list has no row ${position} after 5 minutes of scrolling`);
    await page.mouse.wheel(0, by);
  }
  return page.evaluate(() =>
    Math.max(...Array.from(document.querySelectorAll(".rows .row"), (row) => Number(row.ariaPosInSet))),
  );
}
