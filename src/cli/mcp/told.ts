/**
 * The text of a tool's answer. Our own sentences come first. All that callers of the gateway wrote stands between two
 * marks of chance, which no message can forge, and is data for the agent, never an instruction.
 */
import { cut } from "../../callback/text.ts";
import { sentencesOn } from "../missing.ts";

export interface Told {
  /** Our own sentences: numbers, and what to ask next. They repeat no text of the gateway's. */
  says: string;
  /** The numbers of shards that have no part in the answer. */
  missing?: readonly number[] | undefined;
  /** A line of JSON each. */
  data?: readonly unknown[];
  /** How to go on after this data, a sentence; where all of it fits. */
  next?: string;
  /** How to ask for data that does not fit: `ask again with limit: 5`. */
  narrower?(shown: number): string;
}

/** An agent reads every answer whole, and pays for it. Characters of data. */
const mostCharacters = 12_000;

/** @param nonce of the marks: no text that the gateway holds can contain it */
export function textOf({ says, missing, data = [], next, narrower }: Told, nonce: string): string {
  const lines = data.map((one) => harmless(JSON.stringify(one)));
  const shown = fitting(lines);
  const left = lines.length - shown.length;
  const more = left > 0 ? `${left} of them do not fit: ${narrower?.(shown.length) ?? "ask for less"}.` : next;
  const gaps = sentencesOn(missing).map((sentence) => `Note: ${sentence}.`);
  const head = [says, ...gaps, ...(more === undefined ? [] : [more])].join(" ");
  if (data.length === 0) return head;
  return [head, `<untrusted-${nonce}>`, ...shown, `</untrusted-${nonce}>`].join("\n");
}

/** As many lines as fit; of a first line that does not, its beginning. */
function fitting(lines: readonly string[]): string[] {
  const shown: string[] = [];
  let left = mostCharacters;
  for (const line of lines) {
    left -= line.length + 1;
    if (left < 0) break;
    shown.push(line);
  }
  if (shown.length > 0 || lines.length === 0) return shown;
  const [first = ""] = lines;
  return [`${cut(first, mostCharacters)}… (cut: ${first.length} characters)`];
}

/**
 * The text with control characters escaped, and with those that no reader sees: a message can hide a text for agents in
 * them. Within JSON the escapes stand for the same characters.
 */
export function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu, (hidden) =>
    [...Array(hidden.length).keys()]
      .map((index) => `\\u${hidden.charCodeAt(index).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
