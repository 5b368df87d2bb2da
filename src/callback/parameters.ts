/** The query of a callback: its parameters by name, and the part that is kept. */

/** Parameters that must not be given twice: the request would be ambiguous. */
const decisive = ["sdkappid", "callbackcommand", "sign", "requesttime"];

/** `Sign` and `RequestTime` are valid credentials for a minute: they are neither kept nor forwarded. */
const credentials = ["sign", "requesttime"];

/** The parameters of a request's query. */
export interface Parameters {
  /** The value of a parameter by its name in lower case; null if it is missing or empty. */
  get(name: string): string | null;
  /** The name of a decisive parameter that is given more than once; null if there is none. */
  repeated: string | null;
  /** The query, less `Sign` and `RequestTime`. */
  kept: string;
}

/** @param query as received, without `?`. Names are compared regardless of case: Tencent's own pages spell them differently. */
export function parametersOf(query: string): Parameters {
  const values = new Map<string, string>();
  const kept: string[] = [];
  let repeated: string | null = null;
  for (const part of query.split("&")) {
    if (part === "") continue;
    const [name, value] = pairOf(part);
    const key = name.toLowerCase();
    if (!values.has(key)) values.set(key, value);
    else if (decisive.includes(key)) repeated ??= name;
    if (!credentials.includes(key)) kept.push(part);
  }
  return {
    get: (name: string) => values.get(name) || null,
    repeated,
    kept: kept.join("&"),
  };
}

/** One parameter, decoded only if it is encoded: decoding is slow and most parameters need none. */
function pairOf(part: string): [name: string, value: string] {
  if (/[%+]/.test(part)) return [...new URLSearchParams(part)][0] ?? ["", ""];
  const equals = part.indexOf("=");
  return equals < 0 ? [part, ""] : [part.slice(0, equals), part.slice(equals + 1)];
}
