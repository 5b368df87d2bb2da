/** An event as the request that Tencent sent, for a shell. Signatures are left out: the gateway does not keep them. */
import type { EventDetail } from "../../client/index.js";
import { exactText } from "../exact-json.ts";

/** @param url where callbacks are received */
export function curlOf({ query = {}, body }: EventDetail, url: string): string {
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, one]),
    ),
  );
  return [
    `curl -X POST ${quoted(`${url}?${search}`)}`,
    `-H 'content-type: application/json'`,
    `--data-binary ${quoted(exactText(body))}`,
  ].join(" \\\n  ");
}

/** A word of a POSIX shell, whatever it holds. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
