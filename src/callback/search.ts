/** Searches in the bodies of callbacks: for a text, an account, or a message. */
import { nameOf } from "./conversation.ts";
import { parseBody } from "./json.ts";

/** Whether a body holds a text anywhere, with or without the escapes of JSON. */
export function holdsText(body: string, text: string): boolean {
  return body.includes(text) || (body.includes(escapeOf(text)) && unescaped(body).includes(text));
}

/** A body that holds a text holds it as it is, or else this beginning of an escape. */
export function escapeOf(text: string): string {
  const characters = [...text];
  if (characters.some((one) => one < " " || '"\\/'.includes(one))) return "\\";
  return characters.every((one) => one <= "\u00ff") ? "\\u00" : "\\u";
}

const escaped: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

function unescaped(body: string): string {
  return body.replace(/\\(?:u([\da-fA-F]{4})|(.))/g, (_, code?: string, character = "") =>
    code === undefined ? (escaped[character] ?? character) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** Whether a body names an account, in a field at any depth whose name ends in `_Account`. */
export function namesAccount(body: string, account: string): boolean {
  if (!body.includes("_Account")) return false;
  if (!body.includes(account) && !body.includes(escapeOf(account))) return false;
  for (const [key, value] of fieldsOf(parseBody(body) as object))
    if (key.endsWith("_Account") && [value].flat().some((one) => nameOf(one) === account)) return true;
  return false;
}

/**
 * A filter for the bodies about one message, named by its `MsgKey`, or in a group by its `MsgSeq`. Call it with newer
 * bodies first: a before-callback has no `MsgSeq`, only `Random`, which the filter has learned from the later
 * after-callback.
 */
export function messageFilter(message: string): MessageFilter {
  const randoms = [message];
  const matches = (body: string) => {
    if (!randoms.some((random) => body.includes(random))) return false;
    const parsed = JSON.parse(body);
    const random = scalar(parsed.Random);
    for (const [key, value] of fieldsOf(parsed)) {
      if (!/^Msg(Key|Seq|I[dD])$/.test(key) || scalar(value) !== message) continue;
      if (random !== null && !randoms.includes(random)) randoms.push(random);
      return true;
    }
    return random !== null && randoms.includes(random);
  };
  return { matches, holds: randoms };
}

export interface MessageFilter {
  /** Whether a body is about the message. */
  matches(body: string): boolean;
  /** Each body about the message holds one of these. They become more as the filter learns. */
  readonly holds: readonly string[];
}

/** Every field of a body, at any depth. Without recursion: a body may be nested deeper than the stack. */
export function* fieldsOf(body: object): Generator<[key: string, value: unknown]> {
  const left = [body];
  for (let holder = left.pop(); holder !== undefined; holder = left.pop())
    for (const field of Object.entries(holder)) {
      yield field;
      if (typeof field[1] === "object" && field[1] !== null) left.push(field[1]);
    }
}

function scalar(value: unknown): string | null {
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}
