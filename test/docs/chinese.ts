/** How Chinese prose is set: full-width punctuation, a blank beside other scripts, and no blank that a line break makes. */
import { span, withoutBlocks } from "./page.ts";

/** A sentence for each mistake, with the characters around it. */
export function mistakesOfSetting(text: string): string[] {
  const lines = proseOf(text).split("\n");
  return lines.flatMap((line, at) => {
    const next = (lines[at + 1] ?? "").trimStart();
    return [
      ...shown(line, halfWidth, "half-width punctuation in Chinese"),
      ...shown(line, unspaced, "no blank between Chinese and another script"),
      ...(/\p{Script=Han}$/u.test(line) && breaksBadly.test(next) && !/^#+ /.test(line)
        ? [`a line break between “${line.slice(-4)}” and “${next.slice(0, 4)}”, which makes a blank`]
        : []),
    ];
  });
}

const halfWidth = /\p{Script=Han}\*{0,2}(?:[,;:!?)]|\.(?=\s|$))|(?:[,;:!?] ?|\()[*`]{0,2}\p{Script=Han}/gu;

const unspaced = /\p{Script=Han}\*{0,2}[A-Za-z0-9`]|[A-Za-z0-9`]\*{0,2}\p{Script=Han}/gu;

/** Chinese, or punctuation that belongs to the line before. */
const breaksBadly = /^[\p{Script=Han}，。；：、！？）”]/u;

function shown(line: string, wrong: RegExp, problem: string): string[] {
  return [...line.matchAll(wrong)].map(
    ({ 0: text, index }) => `${problem}: “${line.slice(Math.max(0, index - 6), index + text.length + 6)}”`,
  );
}

/** The text without blocks of code, targets of links and tags. A code span is a letter. */
function proseOf(text: string): string {
  return withoutBlocks(text)
    .replace(span, "`x`")
    .replace(/!?\[([^\]]*)\]\([^)\s]*\)/g, "$1")
    .replace(/<[a-z/!][^>]*>/g, "");
}
