/** The dashboard: the page at `/`, and the files that it names. Both are static assets of the Worker. */
import { sha256 } from "../../callback/sha256.ts";
import { say } from "../../sentence.ts";
import { version } from "../../version.ts";
import { assetOf } from "../assets.ts";
import { headersOf, Refusal } from "../reply.ts";
import { type Route, route } from "../route.ts";

const pageType = "text/html;charset=UTF-8";

/** A runtime may know no type of a file, or another one. By the ending of the name. */
const types: Readonly<Record<string, string>> = {
  css: "text/css;charset=UTF-8",
  js: "text/javascript;charset=UTF-8",
  map: "application/json",
  svg: "image/svg+xml",
};

/** The build puts a digest of the content into the name of each file but the page. */
const hashedName = /^[\w.-]+-[0-9A-Z]{8}\.(?:js\.|css\.)?(\w+)$/;

/** Texts of users are shown, and a token opens the API. So nothing comes from elsewhere, and nothing runs but our files. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  // No text becomes markup, whatever assigns it.
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const pageHeaders = {
  ...headersOf(pageType),
  "cache-control": "no-cache",
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
};

const showPage = route(
  {
    method: "GET",
    path: "/",
    operation: "getPage",
    access: "public",
    anyQuery: true,
  },
  async (call) => {
    const found = await assetOf("index.html", call);
    if (found === null) return withoutPage();
    const page = await found.text();
    const etag = await tagOf(page);
    const headers = { ...pageHeaders, etag };
    const known = call.request.headers.get("if-none-match");
    return known !== null && names(known, etag)
      ? new Response(null, { status: 304, headers })
      : new Response(page, { headers });
  },
);

const showFile = route(
  {
    method: "GET",
    path: "/dashboard/{file}",
    operation: "getPageFile",
    access: "public",
  },
  async (call) => {
    const [name, ending = ""] = hashedName.exec(call.params.file) ?? [];
    const type = types[ending];
    const found = name && type ? await assetOf(name, call) : null;
    if (found === null)
      throw new Refusal(404, "unknown_file", say`the dashboard has no such file: load its page again`);
    const headers = { ...headersOf(type!), "cache-control": "public, max-age=31536000, immutable" };
    return new Response(found.body, { headers });
  },
);

export const dashboardRoutes: readonly Route[] = [showPage, showFile];

function withoutPage(): Response {
  const sentence =
    "callbacks are received by POST, and how it is doing is at /health; this deployment lacks the files of the dashboard";
  const type = "text/plain;charset=UTF-8";
  return new Response(`tim-relay ${version}: ${sentence}\n`, { headers: headersOf(type) });
}

/** Whether a list of entity tags has this one. A cache or proxy that compresses makes it a weak one. */
function names(list: string, etag: string): boolean {
  return list.split(",").some((one) => one.trim().replace(/^W\//, "") === etag);
}

async function tagOf(text: string): Promise<string> {
  const { buffer } = await sha256(text);
  return `"${new DataView(buffer).getBigUint64(0).toString(16)}"`;
}
