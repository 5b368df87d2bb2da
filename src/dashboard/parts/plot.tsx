/** The lines of a chart, in the colours of the page. uPlot draws 1,000 points in a few milliseconds. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { hour, moment } from "../figures.ts";
import { language } from "../language.ts";
import { theme } from "../theme.ts";
import type { Tone } from "../tones.ts";
import "./plot.css";

export interface Line {
  label: string;
  tone: Tone;
  /** One for each time; null leaves a gap. */
  values: readonly (number | null)[];
}

/** Steps of the axis of values: whole numbers, because half an event is none. */
const steps = Array.from({ length: 12 }, (_, zeros) => [1, 2, 5].map((digit) => digit * 10 ** zeros)).flat();

/** Of the axes. Pixels. */
const fontSize = 12;
const fontFamily = "system-ui, sans-serif";
const leastWidth = 52;
const besideValues = 5;

export interface Props {
  /** For screen readers, which see nothing else of a chart. */
  summary: string;
  /** Unix seconds, ascending. */
  times: readonly number[];
  lines: readonly Line[];
  /** Pixels. */
  height: number;
  /** How a value is written at the axis and in the legend. */
  write?(value: number): string;
}

export function Plot({ summary, times, lines, height, write = String }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = [times, ...lines.map(({ values }) => values)] as uPlot.AlignedData;
  const shape = `${theme()} ${language.value} ${height} ${lines.map(({ label, tone }) => `${label} ${tone}`).join()}`;

  useEffect(() => {
    const element = place.current!;
    const colour = (name: string) => resolved(element, `var(${name})`);
    const axis = {
      stroke: colour("--ink-soft"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
      font: `${fontSize}px ${fontFamily}`,
    };
    const made = new uPlot(
      {
        width: element.clientWidth,
        height,
        cursor: { y: false },
        scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
        axes: [
          { ...axis, values: (_, times) => times.map((at) => hour(new Date(at * 1_000))) },
          { ...axis, size: widthOf, incrs: steps, values: (_, values) => values.map(write) },
        ],
        series: [
          { label: "", value: (_, at) => (at === null ? "" : moment(new Date(at * 1_000))) },
          ...lines.map(({ label, tone }) => ({
            label,
            stroke: colour(`--${tone}`),
            width: 1.75,
            points: { show: false, size: 4, filter: (plot: uPlot, at: number) => lone(plot.data[at]!) },
            value: (_: uPlot, value: number | null, __: number, index: number | null) =>
              index === null ? "" : value === null ? "–" : write(value),
          })),
        ],
      },
      data,
      element,
    );
    plot.current = made;
    const resizing = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    resizing.observe(element);
    return () => {
      resizing.disconnect();
      made.destroy();
    };
  }, [shape]);

  useEffect(() => plot.current?.setData(data));

  return <div class="chart" role="img" aria-label={summary} ref={place} />;
}

/** Pixels for the values of the axis: `100 毫秒` takes more than `100 ms`. */
function widthOf({ ctx }: uPlot, values: readonly string[] | null): number {
  ctx.font = `${fontSize}px ${fontFamily}`;
  const widths = (values ?? []).map((value) => ctx.measureText(value).width);
  return Math.max(leastWidth, Math.ceil(Math.max(...widths)) + 2 * besideValues);
}

/** The points between two gaps, to which no line leads. */
function lone(values: ArrayLike<number | null | undefined>): number[] {
  const isGap = (at: number) => (values[at] ?? null) === null;
  return Array.from(values, (_, at) => at).filter((at) => !isGap(at) && isGap(at - 1) && isGap(at + 1));
}

/** A colour as the canvas needs it: `light-dark()` is known to style sheets alone. */
function resolved(element: HTMLElement, colour: string): string {
  const probe = element.appendChild(document.createElement("i"));
  probe.style.color = colour;
  const seen = getComputedStyle(probe).color;
  probe.remove();
  return seen;
}
