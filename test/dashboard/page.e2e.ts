/** The page in a browser: its policy, its size, and its cache. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { Page, Response } from "playwright-core";
import { barriersOn, inBrowser, openPage } from "../support/browser.ts";
import { adminToken } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";

const gateway = await startGateway();

/** All files of the first load, compressed. */
const mostBytes = 100 * 1024;

/** Loads the page again. Returns all answers of which that takes. */
async function reloaded(page: Page): Promise<Response[]> {
  const answers: Response[] = [];
  const note = (answer: Response) => answers.push(answer);
  page.on("response", note);
  await page.reload({ waitUntil: "networkidle" });
  page.off("response", note);
  return answers;
}

inBrowser("the page loads without an error, and without a barrier for a screen reader", async () => {
  const page = await openPage(gateway);
  await page.getByRole("heading", { level: 1 }).waitFor();
  assert.deepEqual(await barriersOn(page), []);
});

inBrowser("the files of the first load take 100 KB at most, compressed", async () => {
  const page = await openPage(gateway, { token: null });
  const addresses = (await reloaded(page)).map((answer) => answer.url());
  const bodies = await Promise.all(addresses.map(async (address) => (await fetch(address)).arrayBuffer()));
  const bytes = bodies.reduce((sum, body) => sum + gzipSync(body).byteLength, 0);
  assert.ok(bodies.length >= 3 && bytes <= mostBytes, `${bodies.length} files, ${bytes} bytes`);
});

inBrowser("a second load asks for the page alone, and learns that it is the same", async () => {
  const page = await openPage(gateway, { token: null });
  await page.waitForLoadState("networkidle");
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Network.enable");
  const cached = new Set<string>();
  cdp.on("Network.requestServedFromCache", ({ requestId }) => cached.add(requestId));
  const asked: string[] = [];
  cdp.on("Network.responseReceived", ({ requestId, response: { url, fromDiskCache = false } }) => {
    if (!fromDiskCache && !cached.has(requestId)) asked.push(new URL(url).pathname);
  });
  await reloaded(page);
  assert.deepEqual(asked, ["/"]);
});

inBrowser("the policy lets the page reach its own gateway, and no other host, code or markup", async () => {
  const page = await openPage(gateway, {
    expected: [/Content Security Policy|This document requires/, /^the policy forbids/],
  });
  const opens = (url: string) =>
    page.evaluate(
      ([url, token]) =>
        new Promise<boolean>((resolve) => {
          const socket = new WebSocket(url!, [`bearer.${token}`]);
          socket.onopen = () => {
            socket.close();
            resolve(true);
          };
          socket.onerror = () => resolve(false);
        }),
      [url, adminToken],
    );
  assert.equal(await opens(`${gateway.url.replace("http", "ws")}/api/tail`), true);

  const other = await startGateway();
  const directives = page.evaluate(
    (elsewhere) =>
      new Promise<string[]>((resolve) => {
        const expected = ["connect-src", "img-src", "require-trusted-types-for", "style-src-attr"];
        const seen = new Set<string>();
        document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
          seen.add(effectiveDirective);
          if (expected.every((one) => seen.has(one))) resolve([...seen].sort());
        });
        fetch(elsewhere).catch(() => {});
        document.createElement("img").src = elsewhere;
        try {
          document.body.append(
            Object.assign(document.createElement("script"), { textContent: "window.ran = 1" }),
          );
        } catch {}
        try {
          document.body.innerHTML = "<x-markup></x-markup>";
        } catch {}
        document.body.setAttribute("style", "color: red");
      }),
    other.url,
  );
  assert.deepEqual(await directives, [
    "connect-src",
    "img-src",
    "require-trusted-types-for",
    "style-src-attr",
  ]);
  assert.equal(await page.evaluate("window.ran"), undefined);
  assert.equal(await page.locator("x-markup").count(), 0);
  assert.equal(await opens(`${other.url.replace("http", "ws")}/api/tail`), false);
});
