/** The further headers of a rule, in which `$NAME` is replaced by a secret. */

import { say } from "../../sentence.ts";
import { isObject } from "../json.ts";
import { withSecrets } from "../secret.ts";
import { complete, shownName } from "../setting-path.ts";
import { inAnyCase, type Reader } from "./reader.ts";

/** Headers that are set by tim-relay itself, by the platform, or by the connection. */
const reservedHeader =
  "content-(type|length|encoding)|host|connection|keep-alive|proxy-.*|transfer-encoding|te|trailer|upgrade|expect|date|user-agent|webhook-.*|tim-relay-.*|cf-.*";
const isReserved = new RegExp(`^(${reservedHeader})$`, "i");

/** A token: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
const headerName = "[!#$%&'*+.^_`|~\\w-]+";
const isHeaderName = new RegExp(`^${headerName}$`);

/** The characters that every server reads alike. */
const headerValue = "[\\t\\x20-\\x7e]*";
const isHeaderValue = new RegExp(`^${headerValue}$`);

export const headers: Reader<Readonly<Record<string, string>>> = {
  schema: {
    type: "object",
    propertyNames: {
      pattern: `^${headerName}$`,
      not: { pattern: `^(${inAnyCase(reservedHeader)})$` },
    },
    additionalProperties: { type: "string", pattern: `^${headerValue}$` },
  },
  read(value, path, context) {
    if (!isObject(value))
      return path.problem(say`expected an object such as {"authorization": "Bearer $TOKEN"}`);
    const seen = new Map<string, string>();
    const entries = Object.entries(value).map(([name, one]): [string, string] | undefined => {
      const at = path.key(name);
      const twin = seen.get(name.toLowerCase());
      if (twin !== undefined) return at.problem(say`is the same header as ${shownName(twin)}`);
      seen.set(name.toLowerCase(), name);
      if (!isHeaderName.test(name)) return at.problem(say`is not the name of a header`);
      if (isReserved.test(name)) return at.problem(say`is a header that tim-relay or the connection sets`);
      // The value is not shown: a header may hold a secret.
      if (typeof one !== "string") return at.problem(say`expected a text`);
      const text = withSecrets(one, "header", at, context);
      if (text === undefined) return undefined;
      return isHeaderValue.test(text)
        ? [name, text]
        : at.problem(say`expected printable ASCII only: no line ends, control characters, or other letters`);
    });
    const right = complete(entries);
    return right && Object.fromEntries(right);
  },
};
