/** The generated parts of the page in Chinese, from the English ones: numbers stay, words are replaced. */

/** Cells and lines without numbers of a run. */
const words: Readonly<Record<string, string>> = {
  Input: "输入",
  Value: "值",
  From: "来源",
  "Processor time of an event, at most": "一个事件的处理器时间，至多",
  "measured at 500 events/s: all of workerd's, less an empty answer's":
    "在每秒 500 个事件时测得：workerd 的全部时间，减去空应答的时间",
  "Processor time of a delivery, at most": "一次投递的处理器时间，至多",
  "measured likewise": "同样测得",
  "An event in storage": "一个事件占用的存储",
  "counted at 50 events/s, bodies of 500 bytes": "在每秒 50 个事件、包体 500 字节时统计",
  "Until a row is durable": "直到一行持久化",
  "From the Worker to the object and back": "从 Worker 到对象再返回",
  "Answer of the destination": "目标的应答",
  Conversations: "会话",
  assumed: "假定",
  "assumed; the n-th has an n-th of the first one's events": "假定；第 n 个会话的事件数是第一个的 n 分之一",
  Destinations: "目标数",
  "Events/s that the thread has time for": "线程有时间处理的事件/秒",
  "Plan with": "规划时按",
  "Kept for": "保留时间",
  "Events/s, all day long": "全天的事件/秒",
  "Events a day": "每天的事件数",
  "events/s": "事件/秒",
  "events a month": "每月的事件数",
  "rows/event": "行/事件",
  "ms/event": "ms/事件",
  "a million further events": "每增加一百万个事件",
  "a month": "每月",
  "One destination, kept 7 days, on one shard. The last column is the whole bill on the paid plan, its 5 dollars and included amounts among it.":
    "一个目标，保留 7 天，一个分片。最后一列是付费套餐的全部账单，已计入套餐的 5 美元和包含的额度。",
  "Events/s": "事件/秒",
  Shards: "分片数",
  "Busiest shard": "最忙的分片",
  "Threads busy, the busiest": "线程忙碌，最忙的",
  "Answer p50 · p99": "应答 p50 · p99",
  "Delivered p99": "投递 p99",
  "Queues grow by": "队列增长",
  "Rows/event": "行/事件",
  "A million": "一百万个",
  "A month": "每月",
  "ever later": "越来越晚",
  "Stored, at most": "存储，至多",
  "On average": "平均",
  "It answers after": "应答用时",
  "`concurrency` 50, the default": "`concurrency` 50，默认值",
  "`concurrency` 1,000, the most": "`concurrency` 1,000，上限",
  Limit: "限制",
  Source: "来源",
  "of an object, a soft limit": "每个对象，软性限制",
  "in an object": "每个对象",
  "of memory, of an object and of an isolate of the Worker": "内存，每个对象和 Worker 的每个 isolate",
  "of an invocation on the paid plan, 50 on the free one: a question of the API asks every shard":
    "付费套餐的每次调用，免费套餐为 50：API 的一次查询会询问每个分片",
  "in a group, at Tencent": "每个群组，由腾讯云限制",
  "Events a month": "每月的事件数",
  "All day long": "全天",
  "The bill": "账单",
  Item: "项目",
  Used: "用量",
  Included: "已包含",
  "Each further one": "超出部分的单价",
  Dollars: "美元",
  "million Worker requests": "百万次 Worker 请求",
  "million CPU milliseconds": "百万 CPU 毫秒",
  "million Durable Object requests, alarms included": "百万次 Durable Object 请求，含 alarm",
  "million GB-seconds of Durable Objects": "百万 Durable Object GB-秒",
  "million rows written": "百万行写入",
  "million rows read": "百万行读取",
  "GB-months kept": "存储的 GB-月",
  "million log events": "百万条日志",
  "the plan itself": "套餐本身",
};

/** Cells and lines with numbers. */
const forms: readonly [RegExp, string | ((...parts: string[]) => string)][] = [
  [
    /^Prices of (\S+), in US dollars; operations counted on (\S+)\.$/,
    "价格以美元计，取自 $1；操作的统计日期为 $2。",
  ],
  [/^Within (\d+) hours a day$/, "每天 $1 小时之内"],
  [
    /^The bill of (\d+) million events, all day long:$/,
    (_, millions) => `${counted(Number(millions) * 1e6)}个事件、全天均匀到达时的账单：`,
  ],
  [
    /^A further healthy destination by https costs processor time alone: (\S+) for a million events\.$/,
    "每增加一个正常的 https 目标，只增加处理器时间：每百万个事件 $1。",
  ],
  [
    /^The free plan takes (\S+) events a day\. Rows written run out first\.$/,
    "免费套餐每天可处理 $1 个事件。最先用完的是写入的行。",
  ],
  [/^Counted and measured on (\S+): (.+)\.$/, "统计和测量日期 $1：$2。"],
  [
    /^At (\S+) events a second all day long, a day has (\S+) GB\.$/,
    "如果全天每秒 $1 个事件，一天就有 $2 GB。",
  ],
  [/^(\S+) million$/, (_, millions) => counted(Number(millions!.replaceAll(",", "")) * 1e6)],
  [/^(\S+) events\/s$/, "$1 事件/秒"],
  [/^(\S+) bytes$/, "$1 字节"],
  [/^(\S+) days?$/, "$1 天"],
  [/^(\S+) hours$/, "$1 小时"],
  [/^(\S+)\/s$/, "$1/秒"],
  [/^(\S+), of (\S+)$/, "$1，上限 $2"],
  [/^(\d+ %), (\d+ %)$/, "$1，$2"],
  [/^(\S+) deliveries\/s$/, "$1 次投递/秒"],
  [/^(\S+) answers\/s, (\S+) deliveries\/s$/, "$1 次应答/秒，$2 次投递/秒"],
  [/^(\S+) requests\/s$/, "$1 个请求/秒"],
  [/^(\S+) subrequests$/, "$1 个子请求"],
  [/^(\S+) messages\/s$/, "$1 条消息/秒"],
  [/^\[documented\]\((\S+)\)$/, "[文档]($1)"],
];

/** Nothing in it is a word. */
const numbers = /^(`\w+`|[\d$.,·×% -]*( ms| [MG]B)?)$/;

/** The parts that `parts` has written. */
export function inChinese(parts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, chinesePart(part)]));
}

/** Throws if there is no Chinese of a cell or line. */
export function chinesePart(english: string): string {
  const lines = english.split("\n").map((line) => {
    if (!line.startsWith("|")) return chineseOf(line);
    const cells = line.slice(1, -1).split("|");
    return `|${cells.map((cell) => ` ${chineseOf(cell.trim())} `).join("|")}|`;
  });
  return lines.join("\n");
}

function chineseOf(english: string): string {
  const known = words[english];
  if (known !== undefined) return known;
  const [form, chinese] = forms.find(([form]) => form.test(english)) ?? [];
  if (form !== undefined) return english.replace(form, chinese as string);
  if (numbers.test(english)) return english;
  throw new Error(`test/scale/chinese.ts has no Chinese of “${english}”`);
}

/** A number as Chinese counts it, by ten thousands. */
function counted(value: number): string {
  const [unit, name] = value < 1e8 ? [1e4, "万"] : [1e8, "亿"];
  return `${Number((value / unit).toFixed(2)).toLocaleString("en")} ${name}`;
}
