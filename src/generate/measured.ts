/** The README's measurements: the few that its reader would feel, out of `docs/bench.md`. */
import type { Language } from "./language.ts";
import { table } from "./markdown.ts";

/** Rows of `docs/bench.md` by their first cell, and their names in the README. */
const rows: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  "Answer at 200 events/s, p99": {
    en: "Answer to Tencent at 200 events a second, p99",
    "zh-CN": "每秒 200 个事件时应答腾讯云的耗时，p99",
  },
  "Received → delivered at 200 events/s, healthy destination, p99": {
    en: "From receiving to a healthy destination at 200 events a second, p99",
    "zh-CN": "每秒 200 个事件时从接收到正常目标送达的耗时，p99",
  },
  "Default settings keep up (lag p99 ≤ 1 s) with a destination that takes 50 ms": {
    en: "Sustained rate to one destination that takes 50 ms, default settings",
    "zh-CN": "默认设置下，对一个耗时 50 ms 的目标可持续的速率",
  },
  "A million further events at 50 events/s, counted operations and list prices": {
    en: "A million further events at 50 a second, by Cloudflare's list prices",
    "zh-CN": "每秒 50 个事件时，每增加一百万个事件的费用（按 Cloudflare 标价）",
  },
  "Memory of workerd over 500,000 mixed requests, held after a collection": {
    en: "Memory of the runtime over mixed requests",
    "zh-CN": "处理混合请求期间运行时占用的内存",
  },
  "Verdict overhead over a direct call to the backend, p50": {
    en: "A verdict through the gateway, over a direct call to the backend, p50",
    "zh-CN": "经网关取得裁决比直接调用后端多用的时间，p50",
  },
};

const words = {
  en: {
    head: ["", "Measured", "Goal"],
    unit: (text: string) => text,
    missed: (goal: string) => `${goal}: missed`,
    reached: (reached: number, all: number) =>
      `${reached} of ${all} goals are reached. [The numbers](docs/bench.md) name the others and the reasons, and compare with other servers on the same machine.`,
    measured: (date: string, machine: string) => `Measured on ${date}: ${machine}.`,
  },
  "zh-CN": {
    head: ["", "测量值", "目标值"],
    unit: (text: string) => text.replace(" events/s", " 个事件/秒"),
    missed: (goal: string) => `${goal}：未达到`,
    reached: (reached: number, all: number) =>
      `${all} 项目标中已达到 ${reached} 项。[测量数据](docs/bench.md)列出未达到的目标及原因，并与同一台机器上的其他服务器作比较。`,
    measured: (date: string, machine: string) =>
      `测量日期 ${date}：${machine.replaceAll(", ", "、").replace(" cores", " 核")}。`,
  },
} as const;

/** @param bench `docs/bench.md`, as `npm run bench -- --write` wrote it */
export function measuredPart(bench: string, language: Language): string {
  const goals = [...bench.matchAll(/^\| (.+) \| (.+) \| (.*) \| (.*) \| (yes|no|not measured) \|$/gm)];
  const { head, unit, missed, reached, measured } = words[language];
  const shown = Object.entries(rows).map(([what, names]) => {
    const [, , goal, value, , answer] = goals.find(([, first]) => first === what) ?? [];
    if (goal === undefined || value === undefined) throw new Error(`docs/bench.md has no row "${what}"`);
    // Rounded, a value beside its goal may look as if it reached it.
    return [names[language], unit(value), answer === "no" ? missed(unit(goal)) : unit(goal)];
  });
  const [, date, machine] = /^Measured on (\S+) in .+?: (.+?)\. The load/m.exec(bench) ?? [];
  if (date === undefined || machine === undefined)
    throw new Error("docs/bench.md does not say when it was measured");
  const yes = goals.filter(([, , , , , answer]) => answer === "yes").length;
  return [table(head, shown), reached(yes, goals.length), measured(date, machine)].join("\n\n");
}
