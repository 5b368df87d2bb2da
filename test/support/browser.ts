/** The page in a real browser: the Chromium of the system. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import axe, { type AxeResults } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { mistakesOfSetting } from "../docs/chinese.ts";
import { chromiumPath, withoutChromium } from "./chromium.ts";
import { adminToken } from "./client.ts";

interface Options {
  /** Null: the page asks for one. */
  token?: string | null;
  locale?: string;
  colorScheme?: "light" | "dark";
  viewport?: { width: number; height: number };
  /** Errors of the console that belong to the test. All others, and violations of the policy, fail it. */
  expected?: readonly RegExp[];
}

interface Opened {
  page: Page;
  faults: readonly string[];
  expected: readonly RegExp[];
}

/** How long a test waits for an event on the page. Milliseconds. */
const waitMs = 60_000;

const testMs = 300_000;

let launched: Promise<Browser> | null = null;
after(async () => (await launched)?.close());

/** The pages of the test that runs: those of a file run one after the other. */
const open: Opened[] = [];

let isSkipTold = false;

/** A test that opens pages. Without a Chromium the tests of a file are one test, which says that it is skipped. */
export function inBrowser(name: string, body: () => Promise<void>): void {
  if (chromiumPath !== null) {
    test(name, { timeout: testMs }, async () => {
      try {
        await body();
        // A page tells of an error later than it makes it.
        for (const { page } of open) await page.evaluate(settled).catch(() => {});
        assert.deepEqual(open.flatMap(unexpectedOf), [], "the page has errors");
      } finally {
        // The gateway ends after the test: a page that is open then would tell of it as an error.
        for (const { page } of open.splice(0)) await page.context().close();
      }
    });
    return;
  }
  if (!isSkipTold) test("the page in a browser", { skip: withoutChromium }, () => {});
  isSkipTold = true;
}

/** Opens the gateway's page, in a profile of its own. It is closed when the test ends. */
export async function openPage(
  gateway: { readonly url: string },
  {
    token = adminToken,
    locale = "en-US",
    colorScheme = "light",
    viewport = { width: 1280, height: 800 },
    expected = [],
  }: Options = {},
): Promise<Page> {
  const faults: string[] = [];
  launched ??= chromium.launch({ executablePath: chromiumPath! });
  const context = await (await launched).newContext({ locale, colorScheme, viewport });
  context.setDefaultTimeout(waitMs);
  const page = await context.newPage();
  open.push({ page, faults, expected });
  page.on("pageerror", (error) => faults.push(String(error.stack ?? error)));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`${message.text()} (${message.location().url})`);
  });
  await page.addInitScript(tellOfViolations);
  await page.goto(`${gateway.url}/${token === null ? "" : `#token=${encodeURIComponent(token)}`}`);
  return page;
}

/** What a screen reader or a keyboard cannot use: the violations that axe calls serious or critical, a line each. */
export async function barriersOn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help}: ${target}`));
}

/** How the page's Chinese is wrongly set, a line each. What one line of the page holds is a paragraph. */
export async function misprintsOn(page: Page): Promise<string[]> {
  const text = await page.evaluate<string>('document.querySelector("main").innerText');
  return mistakesOfSetting(text.replaceAll("\n", "\n\n"));
}

function tellOfViolations(): void {
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    console.error(`the policy forbids ${blockedURI} by ${violatedDirective}`),
  );
}

function unexpectedOf({ faults, expected }: Opened): string[] {
  return faults.filter((fault) => !expected.some((one) => one.test(fault)));
}

function settled(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}
