/** The page while something is wrong around it: a silent shard, a token that ends, a browser that forbids copying. */
import assert from "node:assert/strict";
import { barriersOn, inBrowser, openPage } from "../support/browser.ts";
import { ofManyGroups } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { silence, silencing } from "../support/silence.ts";

inBrowser(
  "numbers that lack the part of a silent shard say so, and an action that it does not do",
  async () => {
    const { url } = await startReceiver();
    const down = await startReceiver(reply(500));
    const settings = {
      SHARDS: 2,
      FORWARD_RULES: [
        { name: "audit", url },
        { name: "later", url: down.url, retry: ["1h"] },
      ],
    };
    const gateway = await startGateway(settings, { build: await silencing() });
    await gateway.sendAll(ofManyGroups(20));
    await gateway.destinationIs("audit", { delivered: 20 });
    await gateway.destinationIs("later", { state: "open" });
    await silence(gateway, 1, "throws");
    const page = await openPage(gateway, { expected: [/503/] });
    const panel = page.getByRole("region", { name: "Events per minute" });
    const sentence = "Incomplete: without the part of shard 1, which does not answer.";
    await panel.getByText(sentence).waitFor();
    const destinations = page.getByRole("region", { name: "Destinations" });
    await destinations.getByText(sentence).waitFor();
    await destinations.getByRole("link", { name: /^later/ }).click();
    await page.getByRole("button", { name: "Retry now" }).click();
    await page.getByRole("status").getByText("Not on shard 1, which does not answer.").waitFor();
    await page.getByRole("link", { name: "Overview" }).click();
    await silence(gateway, 1, null);
    await panel.getByText(sentence).waitFor({ state: "detached" });
  },
);

inBrowser(
  "an action leaves the focus where it is, and leads to the sign-in once the token has ended",
  async () => {
    const gateway = await startGateway();
    const page = await openPage(gateway, { expected: [/401/] });
    await page.getByRole("link", { name: "Commands" }).click();
    await page
      .getByRole("link", { name: /CallbackAfterSendMsg/ })
      .first()
      .click();
    const send = page.getByRole("button", { name: "Send this example" });
    await send.press("Enter");
    await page.getByRole("link", { name: "Open the event" }).waitFor();
    assert.equal(await page.evaluate("document.activeElement.textContent"), "Send this example");
    await page.route("**/api/**", (route) =>
      route.continue({ headers: { ...route.request().headers(), authorization: "Bearer ended" } }),
    );
    await send.click();
    await page.getByRole("heading", { name: "Sign in to tim-relay" }).waitFor();
    await page.getByText("The gateway does not know this token.").waitFor();
    assert.equal(await page.evaluate("sessionStorage.length"), 0);
  },
);

inBrowser("a page that may not copy says so", async () => {
  const gateway = await startGateway();
  await gateway.sendAll(ofManyGroups(1));
  const page = await openPage(gateway);
  await page.getByRole("link", { name: "Events" }).click();
  await page.waitForFunction('document.title === "Events · tim-relay"');
  await page.getByRole("option").first().click();
  const copy = page.getByRole("button", { name: "Copy link" });
  await copy.waitFor();
  assert.deepEqual(await barriersOn(page), []);
  // As a browser does it on a page that came over http from another host.
  await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
  await copy.press("Enter");
  await page
    .getByRole("status")
    .getByText(/lets a page copy only over https/)
    .waitFor();
});

inBrowser("a page whose gateway has stopped says so in its own language", async () => {
  const gateway = await startGateway();
  const page = await openPage(gateway, { locale: "zh-CN", expected: [/ERR_|WebSocket/] });
  await page.getByRole("heading", { name: "概览" }).waitFor();
  await gateway.kill();
  await page
    .getByRole("alert")
    .getByText(/无法连接网关/)
    .waitFor();
});
