/** The chart of a soak: its course in panels below each other, and its faults. */
import { type Course, type Mark, type Point, restarting } from "./series.ts";

interface Line {
  name: string;
  colour: string;
  value(point: Point): number | null;
}

interface Panel {
  title: string;
  /** Milliseconds on a scale of powers of ten; otherwise the scale begins at 0. */
  logarithmic: boolean;
  lines: readonly Line[];
}

const [width, top, left, right] = [860, 54, 76, 16];
const [panelHeight, panelGap, laneHeight] = [84, 34, 16];

/** Points of a line at most: of several that share a place the largest is drawn. */
const mostPoints = 260;

const [blue, amber, violet, grey] = ["#2563eb", "#d97706", "#8b5cf6", "#8b949e"];

const panels: readonly Panel[] = [
  {
    title: "Events a second",
    logarithmic: false,
    lines: [
      { name: "deliveries", colour: violet, value: ({ delivered }) => delivered },
      { name: "accepted", colour: blue, value: ({ accepted }) => accepted },
    ],
  },
  {
    title: "Answer to the caller",
    logarithmic: true,
    lines: [
      { name: "99 %", colour: amber, value: ({ answerP99 }) => answerP99 },
      { name: "median", colour: blue, value: ({ answerP50 }) => answerP50 },
    ],
  },
  {
    title: "Received → delivered",
    logarithmic: true,
    lines: [
      { name: "faulted destinations, 99 %", colour: grey, value: ({ faultedP99 }) => faultedP99 },
      { name: "steady destination, 99 %", colour: amber, value: ({ steadyP99 }) => steadyP99 },
      { name: "median", colour: blue, value: ({ steadyP50 }) => steadyP50 },
    ],
  },
  {
    title: "Oldest event that waits",
    logarithmic: true,
    lines: [{ name: "any destination", colour: violet, value: ({ oldest }) => oldest * 1_000 }],
  },
  {
    title: "Memory of workerd, MB",
    logarithmic: false,
    lines: [{ name: "anonymous", colour: blue, value: ({ memory }) => memory }],
  },
  {
    title: "On disk, MB",
    logarithmic: false,
    lines: [{ name: "all files", colour: blue, value: ({ stored }) => stored }],
  },
];

/** The rows of faults, and the colour of each. */
const lanes = [
  { title: "gateway", colour: "#dc2626", has: ({ kind }: Mark) => restarting.test(kind) },
  { title: "backend", colour: amber, has: ({ kind }: Mark) => kind.startsWith("backend") },
  { title: "traffic", colour: violet, has: ({ kind }: Mark) => /^flood|^replay/.test(kind) },
  { title: "destination", colour: grey, has: () => true },
] as const;

/** @param note when and where it was measured */
export function chart({ points, marks }: Course, note: string): string {
  const seconds = points.at(-1)?.at ?? 1;
  const x = (at: number) => left + (Math.min(at, seconds) / seconds) * (width - left - right);
  const parts: string[] = [];
  let y = top;
  for (const panel of panels) {
    parts.push(...drawn(panel, thinned(points), x, y));
    y += panelHeight + panelGap;
  }
  const bottom = y - panelGap;
  for (const mark of marks.filter(lanes[0].has))
    parts.unshift(
      `<rect class="restart" x="${tenth(x(mark.from))}" y="${top}" width="${tenth(Math.max(1, x(mark.until) - x(mark.from)))}" height="${bottom - top}"/>`,
    );
  let others = [...marks];
  for (const { title, colour, has } of lanes) {
    parts.push(text(left - 8, y + 11, title, "axis"));
    for (const mark of others.filter(has)) parts.push(bar(mark, colour, x, y));
    others = others.filter((mark) => !has(mark));
    y += laneHeight;
  }
  parts.push(...ticks(seconds, x, y));
  y += 40;
  const title = "A soak: load, faults and their course";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" aria-label="${title}">
<style>
text { font: 12px system-ui, sans-serif; fill: #1f2937 }
.title { font-weight: 600; font-size: 14px }
.note { fill: #6b7280 }
.axis { text-anchor: end; fill: #6b7280; font-size: 11px }
.tick { text-anchor: middle; fill: #6b7280; font-size: 11px }
.name { text-anchor: end }
.grid { stroke: #d1d5db; stroke-width: .5 }
.restart { fill: #dc2626; opacity: .13 }
path { fill: none; stroke-width: 1.3; stroke-linejoin: round }
@media (prefers-color-scheme: dark) { text { fill: #e5e7eb } .note, .axis, .tick { fill: #9ca3af } .grid { stroke: #4b5563 } .restart { opacity: .3 } }
</style>
${text(12, 18, title, "title")}
${parts.join("\n")}
${text(12, y - 8, note, "note")}
</svg>
`;
}

type Scale = (at: number) => number;

function drawn(panel: Panel, points: readonly Point[], x: Scale, top: number): string[] {
  const values = panel.lines.flatMap(({ value }) => points.map(value)).filter((one) => one !== null);
  const most = Math.max(1, ...values);
  const { y, marks } = panel.logarithmic ? logarithmic(most, top) : linear(most, top);
  const parts = marks.flatMap(({ at, label }) => [
    `<path class="grid" d="M${left} ${tenth(at)}H${width - right}"/>`,
    text(left - 8, at + 4, label, "axis"),
  ]);
  parts.push(text(left, top - 6, panel.title, "panel"));
  let end = width - right;
  for (const { name, colour, value } of panel.lines) {
    parts.push(`<path stroke="${colour}" d="${path(points, value, x, y)}"/>`);
    parts.push(`<text class="name" x="${end}" y="${top - 6}" style="fill:${colour}">${name}</text>`);
    end -= 16 + 6.4 * name.length;
  }
  return parts;
}

function linear(most: number, top: number) {
  const step = [1, 2, 5]
    .flatMap((one) => [1, 10, 100, 1_000, 10_000].map((ten) => one * ten))
    .sort((a, b) => a - b);
  const each = step.find((one) => one * 4 >= most) ?? most;
  const end = Math.ceil(most / each) * each;
  const y = (value: number) => top + panelHeight * (1 - value / end);
  const marks = [];
  for (let value = 0; value <= end; value += each)
    marks.push({ at: y(value), label: value.toLocaleString("en") });
  return { y, marks };
}

/** Milliseconds from 1 up. */
function logarithmic(most: number, top: number) {
  const decades = Math.max(1, Math.ceil(Math.log10(most)));
  const y = (value: number) => top + panelHeight * (1 - Math.log10(Math.max(1, value)) / decades);
  const marks = Array.from({ length: decades + 1 }, (_, power) => ({
    at: y(10 ** power),
    label: power < 3 ? `${10 ** power} ms` : `${10 ** (power - 3)} s`,
  }));
  return { y, marks };
}

/** A line that is broken where there is no value. */
function path(points: readonly Point[], value: Line["value"], x: Scale, y: Scale): string {
  let pen = "M";
  let data = "";
  for (const point of points) {
    const found = value(point);
    if (found === null) pen = "M";
    else {
      data += `${pen}${tenth(x(point.at))} ${tenth(y(found))}`;
      pen = "L";
    }
  }
  return data;
}

function bar({ kind, on, from, until }: Mark, colour: string, x: Scale, y: number): string {
  const size = `x="${tenth(x(from))}" y="${y + 2}" width="${tenth(Math.max(2, x(until) - x(from)))}" height="${laneHeight - 4}"`;
  return `<rect ${size} rx="1" fill="${colour}" opacity=".75"><title>${safe(`${kind} ${on}`.trim())}</title></rect>`;
}

function ticks(seconds: number, x: Scale, y: number): string[] {
  const step = [1, 5, 10, 30, 60, 120, 300, 600, 1_800].find((one) => seconds / one <= 12) ?? 3_600;
  const parts: string[] = [];
  for (let at = 0; at <= seconds; at += step)
    parts.push(text(x(at), y + 12, step < 60 ? `${at} s` : `${at / 60} min`, "tick"));
  return parts;
}

function thinned(points: readonly Point[]): Point[] {
  const size = Math.max(1, points.length / mostPoints);
  return Array.from({ length: Math.ceil(points.length / size) }, (_, place) => {
    const some = points.slice(Math.floor(place * size), Math.floor((place + 1) * size));
    return some.reduce((all, one) => merged(all, one));
  });
}

/** The larger of each, at the later time. */
function merged(one: Point, other: Point): Point {
  const keys = Object.keys(one) as (keyof Point)[];
  return Object.fromEntries(
    keys.map((key) => {
      const [a, b] = [one[key], other[key]];
      return [key, a === null || b === null ? (a ?? b) : Math.max(a, b)];
    }),
  ) as unknown as Point;
}

function text(x: number, y: number, content: string, kind: string): string {
  return `<text class="${kind}" x="${tenth(x)}" y="${tenth(y)}">${safe(content)}</text>`;
}

function safe(content: string): string {
  return content.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
