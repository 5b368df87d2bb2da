/** A page that stays open while events come. */
import type { Browser } from "playwright-core";
import type { Sender } from "../peers.ts";
import { quantile } from "../sample.ts";
import type { Gateway } from "../servers.ts";
import { type Memory, openTab, type Tab } from "./tab.ts";

export interface Live {
  seconds: number;
  accepted: number;
  /** Events whose rows were in the page. Of more than fit the window within one frame, the older have none. */
  shown: number;
  longestFrameMs: number;
  longestWorkMs: number;
  /** From the arrival at the gateway to the row in the page; null in a view without rows. */
  rowP50Ms: number | null;
  rowP99Ms: number | null;
  before: Memory;
  after: Memory;
}

export interface Watching {
  browser: Browser;
  gateway: Gateway;
  sender: Sender;
}

const size = 300;
const perSecond = 200;

/**
 * @param view of the address, as in `#/events`
 * @param prepare brings the page to where it is watched
 */
export async function live(
  { browser, gateway, sender }: Watching,
  view: string,
  seconds: number,
  prepare: (tab: Tab) => Promise<void> = async () => {},
): Promise<Live> {
  const tab = await openTab(browser, gateway, view);
  await tab.page.getByRole("navigation").waitFor();
  const send = (seconds: number) =>
    sender.send({ mode: "open", url: gateway.url, kind: "AfterSendMsg", size, perSecond, seconds });
  // By then what is compiled or made only once has been.
  await send(1);
  await prepare(tab);
  const before = await tab.memory();
  await tab.taken();
  const { accepted } = await send(seconds);
  await gateway.drained();
  // On a busy machine the list comes later than the events.
  if (view === "events") await tab.page.waitForFunction(() => watch.hasRow());
  const { rowMs, longestFrameMs, longestWorkMs } = await tab.taken();
  const after = await tab.memory();
  await tab.close();
  return {
    seconds,
    accepted,
    shown: rowMs.length,
    longestFrameMs,
    longestWorkMs,
    rowP50Ms: quantile(rowMs, 0.5),
    rowP99Ms: quantile(rowMs, 0.99),
    before,
    after,
  };
}

/** Opens an event beside the list, and looks at its conversation. */
export async function withEventOpen({ page }: Tab): Promise<void> {
  await page.locator(".rows .row").first().click();
  await page.getByRole("complementary", { name: "Event" }).waitFor();
}
