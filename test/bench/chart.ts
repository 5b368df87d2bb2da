/** The chart of the README: events accepted a second, by connections, as bars. */
import type { Measured } from "./part.ts";

const width = 720;
const left = 110;
const right = 70;
const barHeight = 18;
const gap = 4;
const groupGap = 34;

const colours: Readonly<Record<string, string>> = {
  "tim-relay": "#2563eb",
  "one-row": "#f59e0b",
  "by hand": "#8b5cf6",
  BullMQ: "#10b981",
  bare: "#9ca3af",
};

/** @param note stands below the bars */
export function chart(bars: NonNullable<Measured["bars"]>, note: string): string {
  const most = Math.max(...[...bars.values()].flat().map(({ perSecond }) => perSecond.most));
  const x = (value: number) => (value / most) * (width - left - right);
  const parts: string[] = [];
  let y = 34;
  for (const [group, all] of bars) {
    parts.push(text(12, y, group, "group"));
    y += 8;
    for (const { name, perSecond } of all) {
      const middle = y + barHeight / 2;
      parts.push(
        text(left - 8, middle + 4, name, "name"),
        `<rect x="${left}" y="${y}" width="${round(x(perSecond.median))}" height="${barHeight}" rx="2" fill="${colours[name]}"/>`,
        `<path class="spread" d="M${round(left + x(perSecond.least))} ${middle}H${round(left + x(perSecond.most))}"/>`,
        text(
          left + x(perSecond.most) + 6,
          middle + 4,
          Math.round(perSecond.median).toLocaleString("en"),
          "value",
        ),
      );
      y += barHeight + gap;
    }
    y += groupGap - gap;
  }
  const title = "Events accepted a second";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" aria-label="${title}">
<style>
text { font: 12px system-ui, sans-serif; fill: #1f2937 }
.title { font-weight: 600; font-size: 14px }
.group, .note { fill: #6b7280 }
.name { text-anchor: end }
.spread { stroke: #111827; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) { text { fill: #e5e7eb } .group, .note { fill: #9ca3af } .spread { stroke: #f9fafb } }
</style>
${text(12, 18, title, "title")}
${parts.join("\n")}
${text(12, y - 10, note, "note")}
</svg>
`;
}

function text(x: number, y: number, content: string, kind: string): string {
  const safe = content.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<text class="${kind}" x="${round(x)}" y="${round(y)}">${safe}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
