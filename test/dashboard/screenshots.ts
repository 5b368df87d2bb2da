/** `npm run screenshots`: takes the pictures of the page that the READMEs show. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../src/cli/root.ts";
import { openPage } from "../support/browser.ts";
import { readOptions } from "../support/options.ts";
import { scene } from "./scene.ts";

const help = `Usage: npm run screenshots

Takes pictures of the page in Chromium, light and dark, English and Chinese, on a gateway of its own with a lively chat. They go to docs.`;

readOptions(help, {});

const folder = join(root, "docs");

/** What the page says when it is ready, by language. */
const languages = [
  { locale: "en-US", suffix: "", live: "live", refused: "Refused by the rule" },
  { locale: "zh-CN", suffix: "-zh", live: "实时", refused: "被规则" },
] as const;

await test("pictures", async () => {
  mkdirSync(folder, { recursive: true });
  const { gateway, refused: id } = await scene();
  for (const { locale, suffix, live, refused } of languages)
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await openPage(gateway, { locale, colorScheme, viewport: { width: 1360, height: 800 } });
      await page.goto(`${gateway.url}/#/events/${id}?tab=chat`);
      await page.getByText(live, { exact: true }).waitFor();
      await page.getByRole("article").filter({ hasText: refused }).first().waitFor();
      const path = join(folder, `dashboard${suffix}-${colorScheme}.png`);
      await page.screenshot({ path });
      console.log(path);
      await page.context().close();
    }
});
