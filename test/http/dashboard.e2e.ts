/** The page of the dashboard and its files, as any client sees them. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { adminToken } from "../support/client.ts";
import { startGateway, todaysBuild } from "../support/gateway.ts";

const gateway = await startGateway();
const build = await todaysBuild;

const get = (path: string, headers: Readonly<Record<string, string>> = {}, method = "GET") =>
  fetch(gateway.url + path, { headers, method });

/** The headers, but for the one that depends on the client's own. */
const told = ({ headers }: Response) => [...headers].filter(([name]) => name !== "connection");

const built = readdirSync(join(build.dir, build.assets!.folder), { withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name !== "index.html")
  .map(({ name }) => name);

test("the page is shown at / without a token, and may load nothing but its own files", async () => {
  const page = await get("/");
  assert.equal(page.status, 200);
  const expected = {
    "content-type": "text/html;charset=UTF-8",
    "cache-control": "no-cache",
    "content-security-policy":
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(page.headers.get(name), value, name);
  assert.match(page.headers.get("permissions-policy")!, /camera=\(\)/);
  const html = await page.text();
  assert.match(html, /^<!doctype html>/);
  assert.doesNotMatch(html, /<style|style=|<script>|\son\w+=|https?:/);
});

test("every file that the page names is served with its type", async () => {
  const html = await (await get("/")).text();
  const named = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
  assert.ok(named.some((path) => path.endsWith(".js")));
  for (const path of named) {
    assert.match(path, /^\/dashboard\/[\w.-]+$/);
    const file = await get(path);
    assert.equal(file.status, 200, path);
    assert.ok((await file.arrayBuffer()).byteLength > 0, path);
  }
});

test("every file of the build is served, to be kept for a year, and as what it is", async () => {
  const types = {
    js: /^text\/javascript/,
    css: /^text\/css/,
    map: /^application\/json$/,
    svg: /^image\/svg/,
  };
  for (const name of built) {
    const file = await get(`/dashboard/${name}`);
    assert.equal(file.status, 200, name);
    const ending = name.slice(name.lastIndexOf(".") + 1) as keyof typeof types;
    assert.match(file.headers.get("content-type")!, types[ending], name);
    assert.equal(file.headers.get("cache-control"), "public, max-age=31536000, immutable");
    assert.equal(file.headers.get("x-content-type-options"), "nosniff");
    await file.body?.cancel();
  }
});

test("a browser that has the page is told that it is the same", async () => {
  const etag = (await get("/")).headers.get("etag")!;
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
    const again = await get("/", { "if-none-match": known });
    assert.deepEqual([again.status, await again.text()], [304, ""], known);
    assert.equal(again.headers.get("etag"), etag);
  }
  assert.equal((await get("/", { "if-none-match": '"other"' })).status, 200);
});

test("HEAD tells the same of page and files, and other methods are refused", async () => {
  for (const path of ["/", `/dashboard/${built[0]}`]) {
    const [got, head] = [await get(path), await get(path, {}, "HEAD")];
    await got.body?.cancel();
    assert.deepEqual([head.status, await head.text()], [200, ""]);
    assert.deepEqual(told(head), told(got));
  }
  const refused = await get(`/dashboard/${built[0]}`, {}, "POST");
  assert.deepEqual([refused.status, refused.headers.get("allow")], [405, "GET, HEAD"]);
});

test("any other address beneath /dashboard is 404 in the API's shape", async () => {
  const hash = built[0]!;
  for (const path of [
    "/dashboard",
    "/dashboard/",
    "/dashboard/index.html",
    "/dashboard/main.js",
    `/dashboard/x/${hash}`,
    `/dashboard/..%2f${hash}`,
    `/dashboard/..%2findex.js`,
    "/dashboard/main-AAAAAAAA.js",
    "/dashboard/main-AAAAAAAA.exe",
    "/index.html",
    `/${hash}`,
    "/documents/commands.json",
    "/dashboard/documents/commands.json",
    "/dashboard/..%2fdocuments%2fcommands.json",
  ]) {
    const answer = await get(path);
    assert.equal(answer.status, 404, path);
    const { error } = (await answer.json()) as { error: { code: string; message: string } };
    assert.match(error.code, /^unknown_(file|route)$/, path);
  }
});

test("with a callback path of its own the page stays at /, and GET on that path is OK", async () => {
  await gateway.restart({ CALLBACK_PATH: "/tim" });
  assert.match((await get("/")).headers.get("content-type")!, /^text\/html/);
  const probed = await get("/tim");
  assert.deepEqual(
    [probed.status, await probed.json()],
    [200, { ActionStatus: "OK", ErrorInfo: "", ErrorCode: 0 }],
  );
});

test("a deployment without the files says so in a sentence", async () => {
  const { assets: _, ...bare } = build;
  const old = await startGateway({}, { build: bare });
  const page = await fetch(old.url);
  assert.equal(page.status, 200);
  assert.equal(page.headers.get("content-type"), "text/plain;charset=UTF-8");
  assert.match(
    await page.text(),
    /^tim-relay \d.*\/health; this deployment lacks the files of the dashboard\n$/,
  );
  assert.equal((await fetch(`${old.url}/dashboard/${built[0]}`)).status, 404);

  const headers = { authorization: `Bearer ${adminToken}` };
  for (const [path, file] of [
    ["/openapi.json", "openapi.json"],
    ["/api/commands", "commands.json"],
    ["/api/rules/schema", "rules.schema.json"],
  ]) {
    const answer = await fetch(old.url + path, { headers });
    const { error } = (await answer.json()) as { error: { code: string; message: string } };
    assert.deepEqual([answer.status, error.code], [503, "missing_file"]);
    assert.match(
      error.message,
      new RegExp(`^this deployment lacks the file ${file}: deploy it with the \\[assets\\]`),
    );
  }
});
