/** Mutations of requests: each makes one part of a draft hostile. */
import { gzipSync } from "node:zlib";
import type { Chance } from "../support/chance.ts";
import { bodyOf, type Draft, encoded } from "./draft.ts";
import { containersOf, type Node, scalar, textOf, treeOf } from "./json-tree.ts";
import { allNaughtyTexts, naughtyTexts } from "./naughty.ts";
import { oddHeaders, oddKeys, oddMethods, oddScalars } from "./odd-parts.ts";

type Mutation = (draft: Draft, chance: Chance) => void;

/** A text from all classes. The long ones are rarer: they would be most of the bytes. */
export function naughtyText(chance: Chance): string {
  const text = chance.pick(allNaughtyTexts);
  return text.length > 300 && chance.happens(0.7) ? text.slice(0, 300) : text;
}

function naughtyScalar(chance: Chance): Node {
  return scalar(chance.happens(0.6) ? JSON.stringify(naughtyText(chance)) : chance.pick(oddScalars));
}

/** Nested more deeply than any stack allows, or just as deeply as is accepted. */
function nested(inner: string, chance: Chance): Node {
  const depth = chance.pick([2, 99, 100, 101, 1_000, 20_000]);
  return scalar(
    chance.happens(0.5)
      ? "[".repeat(depth) + inner + "]".repeat(depth)
      : `${'{"a":'.repeat(depth)}${inner}${"}".repeat(depth)}`,
  );
}

/** Many copies of a long value would be megabytes. */
const isShort = (node: Node) => textOf(node).length < 1_000;

const changeBody: Mutation = (draft, chance) => {
  if (draft.body === null || Buffer.isBuffer(draft.body)) return;
  const container = chance.pick(containersOf(draft.body));
  if (container === undefined) return;
  if (container.kind === "list") {
    const at = chance.between(0, container.items.length);
    const old = container.items[at] ?? scalar("0");
    const change = chance.between(0, 3);
    if (change === 0) container.items.splice(at, 1);
    else if (change === 1)
      container.items.push(
        ...Array.from({ length: isShort(old) ? chance.pick([1, 300]) : 1 }, () => structuredClone(old)),
      );
    else if (change === 2) container.items[at] = nested("1", chance);
    else container.items[at] = naughtyScalar(chance);
    return;
  }
  const { entries } = container;
  const at = chance.between(0, Math.max(0, entries.length - 1));
  const [key, old] = entries[at] ?? ["a", scalar("1")];
  const changes: (() => unknown)[] = [
    () => entries.splice(at, 1),
    () => entries.push([key, naughtyScalar(chance)]),
    () => entries.splice(at, 1, [key, naughtyScalar(chance)]),
    () => entries.splice(at, 1, [key, naughtyScalar(chance)]),
    () => entries.splice(at, 1, [key, nested("1", chance)]),
    () => entries.splice(at, 1, [key, { kind: "list", items: [old] }]),
    () => entries.splice(at, 1, [chance.pick(oddKeys), old]),
    () => entries.push([chance.pick(oddKeys), naughtyScalar(chance)]),
    () => entries.push([naughtyText(chance), old]),
    () => entries.splice(at, 1, [chance.happens(0.5) ? key.toUpperCase() : key.toLowerCase(), old]),
  ];
  chance.pick(changes)();
};

const byte = (value: number) => Buffer.from([value]);

const changeBytes: Mutation = (draft, chance) => {
  const whole = bodyOf(draft);
  const at = chance.between(0, whole.length);
  const [before, after] = [whole.subarray(0, at), whole.subarray(at)];
  const inserted = chance.pick([
    byte(0),
    byte(0xff),
    byte(0xc0),
    Buffer.from([0xed, 0xa0, 0x80]),
    Buffer.from([0xf4, 0x90, 0x80, 0x80]),
    Buffer.from("\ufeff"),
    Buffer.from("\u2028"),
    Buffer.from("\\"),
    Buffer.from('"'),
    Buffer.from("}"),
    Buffer.from(","),
  ]);
  const changes: (() => Buffer)[] = [
    () => Buffer.concat([before, inserted, after]),
    () => before,
    () => after,
    () => Buffer.concat([Buffer.from("\ufeff"), whole]),
    () => Buffer.concat([whole, whole]),
    () => Buffer.concat([Buffer.from(" \n\r\t"), whole, Buffer.from("\n")]),
    () => gzipSync(whole),
    () => Buffer.from(whole.toString("utf16le"), "utf16le"),
    () => Buffer.from(whole.toString(), "utf16le"),
    () => Buffer.alloc(0),
    () => Buffer.from(chance.pick(["{}", " {} ", "[]", "null", "0", '""', "{", "{}{}", "\u0000"])),
    () => Buffer.from(textOfNode(naughtyScalar(chance))),
    // Rarely, since each costs as much as hundreds of others.
    () => (chance.happens(0.05) ? Buffer.alloc(1024 * 1024 + chance.between(-1, 1), " ") : whole),
  ];
  draft.body = chance.pick(changes)();
};

const textOfNode = (node: Node) => (node.kind === "scalar" ? node.text : "");

const changeQuery: Mutation = (draft, chance) => {
  const { query } = draft;
  const at = chance.between(0, Math.max(0, query.length - 1));
  const [name, value] = query[at] ?? ["a", "b"];
  const text = () => encoded(naughtyText(chance));
  const changes: (() => unknown)[] = [
    () => query.splice(at, 1),
    () => query.push([name, value]),
    () => query.push([name, text()]),
    () => query.push([name.toUpperCase(), text()]),
    () => query.splice(at, 1, [name, text()]),
    () => query.splice(at, 1, [name, text()]),
    () => query.splice(at, 1, [name, ""]),
    () => query.splice(at, 1, [name, chance.pick(naughtyTexts.percents)]),
    () =>
      query.splice(at, 1, [
        name,
        value.replace(/[A-Za-z0-9]/g, (one) => `%${one.charCodeAt(0).toString(16)}`),
      ]),
    () => query.splice(at, 1, [name, encodeURIComponent(value)]),
    () =>
      query.splice(at, 1, [name.replace(/[a-z]/gi, (one) => `%${one.charCodeAt(0).toString(16)}`), value]),
    () => query.splice(at, 1, [`${name}[]`, value]),
    () => query.splice(at, 1, [`${name};x`, `${value};${value}`]),
    () => query.splice(at, 1, [`+${name}`, `+${value}`]),
    () => query.splice(at, 1, [name.toUpperCase(), value]),
    () => query.push([text(), text()]),
    () => query.push(["", ""]),
    () => query.push([chance.pick(naughtyTexts.words), value]),
    () => query.push(...Array.from({ length: 200 }, (): [string, string] => [name, value])),
    () => query.reverse(),
  ];
  chance.pick(changes)();
};

const changeHeaders: Mutation = ({ headers }, chance) => {
  const [name, values] = chance.pick(oddHeaders);
  const at = chance.between(0, Math.max(0, headers.length - 1));
  const latin = () => naughtyText(chance).replace(/[^\t\x20-\x7e\x80-\xff]/g, "?");
  const changes: (() => unknown)[] = [
    () => headers.push([name, chance.pick(values)]),
    () => headers.push([name, chance.pick(values)]),
    () => headers.push([name, latin()]),
    () => headers.splice(at, 1),
    () => headers[at] && headers.push([...headers[at]]),
    () => headers[at] && headers.splice(at, 1, [headers[at][0].toUpperCase(), headers[at][1]]),
    () => headers.push([`x-${chance.pick(["a", "proto__", "content-length", "forwarded-host"])}`, latin()]),
  ];
  chance.pick(changes)();
};

const changePath: Mutation = (draft, chance) => {
  const { path } = draft;
  const text = () => encoded(naughtyText(chance));
  draft.path = chance.pick([
    () => `${path}/`,
    () => `/${path}`,
    () => `${path}//`,
    () => `${path}/${text()}`,
    () => path.replace(/[^/]*$/, text()),
    () => path.replace(/[^/]*$/, chance.pick(naughtyTexts.percents)),
    () => path.toUpperCase(),
    () => path.replace(/[a-z]/g, (one) => `%${one.charCodeAt(0).toString(16)}`),
    () => path.replace(/\/(\w)/, "/./$1"),
    () => `/api/..${path}`,
    () => `/nowhere/%2e%2e${path}`,
    () => `${path};a=b`,
    () => `${path}%00`,
    () => `${path}%2f..%2fmetrics`,
    () => `http://example.com${path}`,
    () => `/${text()}`,
  ])();
};

const changeMethod: Mutation = (draft, chance) => {
  draft.method = chance.pick(oddMethods);
};

const changeFraming: Mutation = (draft) => {
  draft.framing = "chunks";
};

const weighted: readonly (readonly [times: number, mutation: Mutation])[] = [
  [10, changeBody],
  [3, changeBytes],
  [9, changeQuery],
  [5, changeHeaders],
  [3, changePath],
  [1, changeMethod],
  [1, changeFraming],
];

const mutations = weighted.flatMap(([times, mutation]) => Array.from({ length: times }, () => mutation));

/** Applies up to four mutations; to one draft of six, none. */
export function mutate(draft: Draft, chance: Chance): void {
  const times = chance.pick([0, 1, 1, 1, 2, 4]);
  for (let count = 0; count < times; count++) chance.pick(mutations)(draft, chance);
}

/** A JSON value with up to four parts made hostile. */
export function mutated(value: unknown, chance: Chance): Node {
  const draft: Draft = {
    method: "",
    path: "",
    query: [],
    headers: [],
    body: treeOf(value),
    framing: "length",
  };
  for (let times = chance.between(1, 4); times > 0; times--) changeBody(draft, chance);
  return draft.body as Node;
}
