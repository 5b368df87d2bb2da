/** `npm run screenshots`: takes the pictures of the page that the README shows. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../src/cli/root.ts";
import { openPage } from "../support/browser.ts";
import { readOptions } from "../support/options.ts";
import { scene } from "./scene.ts";

const help = `Usage: npm run screenshots

Takes pictures of the page in Chromium, light and dark, on a gateway of its own with a lively chat. They go to docs.`;

readOptions(help, {});

const folder = join(root, "docs");

await test("pictures", async () => {
  mkdirSync(folder, { recursive: true });
  const { gateway, refused } = await scene();
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await openPage(gateway, { colorScheme, viewport: { width: 1360, height: 800 } });
    await page.goto(`${gateway.url}/#/events/${refused}?tab=chat`);
    await page.getByText("live", { exact: true }).waitFor();
    await page.getByRole("article").filter({ hasText: "Refused by the rule" }).first().waitFor();
    const path = join(folder, `dashboard-${colorScheme}.png`);
    await page.screenshot({ path });
    console.log(path);
    await page.context().close();
  }
});
