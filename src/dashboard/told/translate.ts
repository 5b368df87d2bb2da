/**
 * Tells sentences of the gateway in Chinese. A sentence is known again by the template it was made by, and its parts by
 * theirs. Of several ways to read it, the one that leaves the least unread counts.
 */

interface Known {
  /** With a first part that is as short as may be, and as long. */
  patterns: readonly RegExp[];
  /** The Chinese texts between the parts, and the indices of the parts. */
  texts: readonly (string | number)[];
  /** A text that each of its sentences holds. */
  sign: string;
  /** It has no words, and joins parts that have some. */
  joins: boolean;
}

interface Reading {
  text: string;
  /** A measure of what is not known in it. */
  unread: number;
  /** It lists names: what stands before it belongs to it. */
  isList?: true;
}

/** So many are kept: what the page shows is mostly shown again. */
const mostReadings = 5_000;

/** A text that others sent may read like many templates: beyond so many characters tried, it stays as it is. */
const mostTried = 1_000_000;

/**
 * @param templates Chinese ones by the English ones: `{1}` is the first part
 * @param outermost the templates that are tried first; of the others the longest is
 * @returns gives a sentence in Chinese; as it is, where it is not one of these
 */
export function translator(
  templates: Readonly<Record<string, string>>,
  outermost: readonly string[],
): (sentence: string) => string {
  const rank = (english: string) => {
    const place = outermost.indexOf(english);
    return place === -1 ? outermost.length + 1 / ownOf(english).join("").length : place;
  };
  const all = Object.entries(templates)
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(knownBy);
  const readings = new Map<string, Reading>();
  let tried = 0;

  const read = (text: string): Reading => {
    const before = readings.get(text);
    if (before) return before;
    let best = listIn(text, templates) ?? { text, unread: unreadIn(text) };
    for (const known of all) {
      if (best.unread === 0) break;
      for (const given of waysOf(known, text)) {
        tried += text.length;
        if (tried > mostTried) return best;
        const parts = given.map(read);
        if (
          known.joins &&
          !parts.every((part, index) => isKnown(part, given[index]!, index === 0 && known.sign === ": "))
        )
          continue;
        const unread = parts.reduce((sum, one) => sum + one.unread, 0);
        if (unread < best.unread)
          best = {
            text: joined(known.texts.map((one) => (typeof one === "number" ? parts[one]!.text : one))),
            unread,
          };
        if (best.unread === 0) break;
      }
    }
    readings.set(text, best);
    return best;
  };

  return (sentence) => {
    if (readings.size > mostReadings) readings.clear();
    tried = 0;
    const { text, unread } = read(sentence);
    const isGivenUp = tried > mostTried;
    // Its readings are not whole.
    if (isGivenUp) readings.clear();
    return isGivenUp || unread * 3 > sentence.length ? sentence : text;
  };
}

/** Before a colon may stand a name. All else that is joined has words, which must be known. */
function isKnown({ text, isList }: Reading, given: string, mayBeName: boolean): boolean {
  if (isList) return false;
  return text !== given || (mayBeName && !/\s/.test(text));
}

/** The parts of a text by a template, in each way in which it may have been made by that. */
function waysOf({ patterns, sign, joins }: Known, text: string): string[][] {
  if (!text.includes(sign)) return [];
  const ways = patterns.flatMap((pattern) => {
    const parts = pattern.exec(text)?.slice(1);
    return parts ? [parts] : [];
  });
  if (!joins || ways[0]?.length !== 2) return ways;
  // Of several joined ones each has a place at which it may end.
  const places = text.matchAll(new RegExp(`${quoted}|(${escaped(sign)})${inList}`, "g"));
  return [...places].flatMap(({ 1: found, index }) =>
    found === undefined ? [] : [[text.slice(0, index), text.slice(index + sign.length)]],
  );
}

const quoted = `"(?:[^"\\\\]|\\\\.)*"`;

/** Not before a command of a list, in which nothing ends: `Group.*, ` or `C2C.* and `. */
const inList = "(?![\\w*]+\\.[\\w.*]+(?:, | and | whose ))";

/** Quoted text, or a character of any other. */
const piece = `(?:${quoted}|[^"]|"(?=[^"]*$))`;

const place = /\{(\d)\}/;

/** The texts of a template between its parts. */
function ownOf(template: string): string[] {
  return template.split(place).filter((_, index) => index % 2 === 0);
}

function knownBy([english, chinese]: [string, string]): Known {
  const own = ownOf(english);
  const pattern = (first: string) => {
    const parts = own
      .slice(1)
      .map((text, index) => `(${piece}${index === 0 ? first : "*?"})${escaped(text)}`);
    return new RegExp(`^${escaped(own[0]!)}${parts.join("")}$`, "s");
  };
  const joins = !/[a-z]{2}/i.test(own.join(""));
  return {
    patterns: own.length > 2 && !joins ? [pattern("*?"), pattern("*")] : [pattern("*?")],
    texts: chinese.split(place).map((text, index) => (index % 2 === 0 ? text : Number(text) - 1)),
    sign: own.reduce((longest, text) => (text.length > longest.length ? text : longest)),
    joins,
  };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Names, numbers and quoted texts are the same in both languages. A word in lower case is English, or a name. */
function unreadIn(text: string): number {
  const plain = text.replace(/"(?:[^"\\]|\\.)*"/g, "");
  if (!/[A-Za-z]/.test(plain)) return 0;
  if (/[:;,]$/.test(plain) && !isAddress.test(plain)) return 3 * plain.length;
  if (/\s/.test(plain)) return plain.length;
  return /^[a-z]+$/.test(plain) ? plain.length / 100 : 0;
}

/** Of a receiver that comes by itself. */
const isAddress = /^(?:listener|poll):$/;

const name = `(?:${quoted}|\\d+ to \\d+|[^\\s",]+)`;
const names = new RegExp(`^(${name}(?:, ${name})*)(?: (and|or) (${name}))?$`);
const eachName = new RegExp(name, "g");

/** `a, b and c`, or `0, 1 to 3`, which are no words of templates; null for any other text. */
function listIn(text: string, templates: object): Reading | null {
  const [, first, word, last] = names.exec(text) ?? [];
  if (first === undefined || !text.includes(" ")) return null;
  const each = first.match(eachName)!;
  if (each.some((one) => Object.hasOwn(templates, one))) return null;
  const all = each.map((one) => one.replace(/^(\d+) to /, "$1 到 ")).join("、");
  return {
    text: word === undefined ? all : `${all} ${word === "and" ? "和" : "或"} ${last}`,
    unread: 0,
    isList: true,
  };
}

/** Chinese beside another script, and two of Chinese with a blank between them; a line feed is between two texts. */
const borders = /(\p{Script=Han})\n(?=[\w`"$@#%/<>=*.-])|([\w`"%)*:.…])\n(?=\p{Script=Han})/gu;
const blanks =
  /(?<=[\p{Script=Han}，。；：、！？）（“”])(?: \n|\n | \n )(?=[\p{Script=Han}，。；：、（）“])/gu;

function joined(texts: readonly string[]): string {
  return texts
    .filter((text) => text !== "")
    .join("\n")
    .replace(borders, "$1$2 ")
    .replace(blanks, "")
    .replaceAll("\n", "");
}
