/** Reads the address that a rule sends events to: `https://…`, or another way of carrying the same message. */

import { type Sentence, say } from "../../sentence.ts";
import type { AddressKind, AddressOf } from "../address.ts";
import type { BindingKind } from "../bindings.ts";
import { withSecrets } from "../secret.ts";
import { destinationProblem } from "./destination-policy.ts";
import { inAnyCase, type Reader, type RuleContext } from "./reader.ts";

/** An address that is no URL: its kind, a colon, and the rest. */
interface Scheme<Kind extends AddressKind> {
  /** The address in a problem. */
  form: string;
  /** The rest, as a regular expression with a group for each part. */
  rest: string;
  /** The further fields of the address, from the groups. */
  fields(...parts: (string | undefined)[]): Omit<AddressOf<Kind>, "kind" | "url" | "written">;
}

/** The name of a variable in JavaScript. A dollar would begin a secret's name. */
const binding = "([A-Za-z_]\\w*)";

const schemes: { readonly [Kind in Exclude<AddressKind, "https">]: Scheme<Kind> } = {
  service: {
    form: "service:BINDING/path",
    rest: `${binding}([/?][^\\s#]*)?`,
    fields: (binding = "", path = "") => ({ binding, path: path.replace(/^\?/, "/?") }),
  },
  queue: {
    form: "queue:BINDING",
    rest: binding,
    fields: (binding = "") => ({ binding }),
  },
  r2: {
    form: "r2:BINDING/prefix",
    rest: `${binding}(?:/([^\\s]*))?`,
    fields: (binding = "", prefix = "") => ({ binding, prefix: prefix.replace(/^\/+|\/+$/g, "") }),
  },
  listener: { form: "listener:", rest: "", fields: () => ({}) },
  poll: { form: "poll:", rest: "", fields: () => ({}) },
};

/** An address of one of these kinds, which may hold secrets or be one as a whole. White space around it is removed. */
export function addressOf<Kind extends AddressKind>(...kinds: readonly Kind[]): Reader<AddressOf<Kind>> {
  const names = Object.keys(schemes) as (keyof typeof schemes)[];
  const taken = names.filter((name) => kinds.some((kind) => kind === name));
  const forms = taken.map((kind) => schemes[kind].form);
  const patterns = taken.map((kind) => `${kind}:${schemes[kind].rest}\\s*$`);
  return {
    schema: {
      type: "string",
      pattern: `^\\s*(${[`${inAnyCase("http")}[sS]?://`, "\\$[A-Za-z_]", ...patterns].join("|")})`,
    },
    read(value, path, context) {
      // The value is not shown: an address may hold its key.
      if (typeof value !== "string") return path.problem(say`expected a URL`);
      const written = value.trim();
      const url = withSecrets(written, "address", path, context);
      if (url === undefined) return undefined;
      const kind = taken.find((one) => url.startsWith(`${one}:`)) ?? "https";
      const read = kind === "https" ? readUrl(url, forms, context) : readParts(kind, url, context);
      if (typeof read !== "string") return { kind, url, written, ...read } as AddressOf<Kind>;
      return path.problem(read);
    },
  };
}

/** The problem with a URL; no further fields if there is none. @param forms of the addresses that would do, too */
function readUrl(url: string, forms: readonly string[], context: RuleContext): Sentence | object {
  return /^https?:/i.test(url)
    ? (destinationProblem(url, context) ?? {})
    : say`expected an absolute URL such as https://hooks.example.com/tim, or ${forms.join(", ").replace(/, (\S+)$/, " or $1")}`;
}

/** The problem with another address, or its further fields. */
function readParts(kind: keyof typeof schemes, url: string, context: RuleContext): Sentence | object {
  const { form, rest, fields } = schemes[kind];
  const match = new RegExp(`^${kind}:${rest}$`).exec(url);
  if (!match) return say`expected ${form}`;
  const parts: { binding?: string } = fields(...match.slice(1));
  const { binding } = parts;
  return binding === undefined ? parts : (context.bindingProblem(binding, kind as BindingKind) ?? parts);
}
