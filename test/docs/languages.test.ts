/** The documentation in its two languages: every page has both, in step, and Chinese is set as Chinese is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { mistakesOfSetting } from "./chinese.ts";
import { pageAt, pages } from "./files.ts";
import { differences } from "./in-step.ts";
import { chineseOf, englishOf } from "./languages.ts";
import { type Page, readPage } from "./page.ts";

test("every page has a Chinese version, but those that are English only", () => {
  const missing = pages.filter((path) => {
    const version = chineseOf(path);
    return version !== null && !pages.includes(version);
  });
  assert.deepEqual(missing, []);
});

test("every Chinese page has an English version", () => {
  assert.deepEqual(
    pages.filter((path) => englishOf(path) !== null && !pages.includes(englishOf(path)!)),
    [],
  );
});

for (const path of pages) {
  const english = pageAt(englishOf(path) ?? "");
  if (english === null) continue;
  const chinese = pageAt(path)!;

  test(`${path} is in step with ${english.path}`, () => {
    assert.deepEqual(differences(english, chinese, pageAt), []);
  });

  test(`the Chinese of ${path} is set as Chinese`, () => {
    assert.deepEqual(mistakesOfSetting(chinese.text), []);
  });
}

const english = `# Rules

[简体中文](zh-CN/rules.md)

A rule has [keys](#keys) and a [signature](receiving.md#headers). See [the project](https://example.com).

- one of 1,200
- two of 3 million

![A picture](picture.svg)

## Keys

<!-- keys: npm run docs -->

| Key | Meaning |
| --- | --- |
| \`name\` | unique |
| \`on\` | commands |

<!-- /keys -->

\`\`\`sh file=check.sh
npm run rules -- check    # explains the rules
\`\`\`

\`\`\`mermaid
flowchart LR
  A[A callback] -- "signed" --> B[(journal)]
  subgraph S["shard (SQLite)"]
\`\`\`
`;

const chinese = `# 规则

[English](../rules.md)

规则有[键](#键)和[签名](receiving.md#请求头)。参见[本项目](https://example.com)。

- 1,200 之一
- 300 万之二

![图](../picture-zh.svg)

## 键

<!-- keys: npm run docs -->

| 键 | 含义 |
| --- | --- |
| \`name\` | 唯一 |
| \`on\` | 命令 |

<!-- /keys -->

\`\`\`sh file=check.sh
npm run rules -- check    # explains the rules
\`\`\`

\`\`\`mermaid
flowchart LR
  A[回调] -- "已签名" --> B[(日志)]
  subgraph S["分片（SQLite）"]
\`\`\`
`;

const others: Readonly<Record<string, string>> = {
  "docs/receiving.md": "# Receiving\n\n## Bodies\n\n## Headers\n",
  "docs/zh-CN/receiving.md": "# 接收\n\n## 请求体\n\n## 请求头\n",
};

test("pages in step differ in nothing", () => {
  assert.deepEqual(found(chinese), []);
});

const cases: Readonly<Record<string, { changed: string; found: readonly string[] }>> = {
  "a heading of another level": {
    changed: chinese.replace("## 键", "### 键"),
    found: ["docs/zh-CN/rules.md: heading 2 is “### 键”; in English “## Keys”"],
  },
  "a missing section": {
    changed: chinese.slice(0, chinese.indexOf("## 键")).replace("#键", "#规则"),
    found: [
      "docs/zh-CN/rules.md, “规则”: has 0 links to docs/rules.md, heading 2; in English 1",
      "docs/zh-CN/rules.md, “规则”: has 1 links to docs/rules.md, heading 1; in English 0",
      "docs/zh-CN/rules.md: heading 2 is missing; in English “## Keys”",
    ],
  },
  "a missing language line": {
    changed: chinese.replace("[English](../rules.md)", "English"),
    found: ["docs/zh-CN/rules.md: below its title must stand [English](../rules.md)"],
  },
  "a missing list item": {
    changed: chinese.replace(/- 300.*\n/, ""),
    found: ["docs/zh-CN/rules.md, “规则”: has 1 list items; in English 2"],
  },
  "a further paragraph": {
    changed: chinese.replace("- 1,200", "再说一句。\n\n- 1,200"),
    found: ["docs/zh-CN/rules.md, “规则”: has 4 paragraphs; in English 3"],
  },
  "a changed comment within code": {
    changed: chinese.replace("# explains the rules", "# 解释规则"),
    found: [
      "docs/zh-CN/rules.md, “键”: block of code 1, line 1 is `npm run rules -- check    # 解释规则`; in English `npm run rules -- check    # explains the rules`",
    ],
  },
  "a further line of code": {
    changed: chinese.replace("the rules\n", "the rules\nnpm test\n"),
    found: ["docs/zh-CN/rules.md, “键”: block of code 1, line 2 is `npm test`; in English missing"],
  },
  "code without its file": {
    changed: chinese.replace("sh file=check.sh", "sh"),
    found: ["docs/zh-CN/rules.md, “键”: block of code 1 is of `sh`; in English of `sh file=check.sh`"],
  },
  "a missing block of code": {
    changed: chinese.replace(/```sh[\s\S]*?```\n\n/, ""),
    found: ["docs/zh-CN/rules.md, “键”: has 1 blocks of code; in English 2"],
  },
  "another node of a diagram": {
    changed: chinese.replace("B[(日志)]", "C[(日志)]"),
    found: [
      'docs/zh-CN/rules.md, “键”: block of code 2, line 2 is `  A[回调] -- "已签名" --> C[(日志)]`; in English `  A[A callback] -- "signed" --> B[(journal)]`',
    ],
  },
  "another shape of a node": {
    changed: chinese.replace("B[(日志)]", "B[日志]"),
    found: [
      'docs/zh-CN/rules.md, “键”: block of code 2, line 2 is `  A[回调] -- "已签名" --> B[日志]`; in English `  A[A callback] -- "signed" --> B[(journal)]`',
    ],
  },
  "another arrow of a diagram": {
    changed: chinese.replace('-- "已签名" -->', '-. "已签名" .->'),
    found: [
      'docs/zh-CN/rules.md, “键”: block of code 2, line 2 is `  A[回调] -. "已签名" .-> B[(日志)]`; in English `  A[A callback] -- "signed" --> B[(journal)]`',
    ],
  },
  "a missing row": {
    changed: chinese.replace("| `on` | 命令 |\n", ""),
    found: [
      "docs/zh-CN/rules.md, “键”: table 1 has 1 rows; in English 2",
      "docs/zh-CN/rules.md, “键”: does not name `on`, as English does",
    ],
  },
  "a further column": {
    changed: chinese.replace("| 唯一 |", "| 唯一 | 必填 |"),
    found: ["docs/zh-CN/rules.md, “键”: table 1, row 1 has 3 columns; in English 2"],
  },
  "rows in another order": {
    changed: chinese.replace(/(.*`name`.*\n)(.*`on`.*\n)/, "$2$1"),
    found: [
      "docs/zh-CN/rules.md, “键”: table 1, row 1: code in the first column is on; in English name",
      "docs/zh-CN/rules.md, “键”: table 1, row 2: code in the first column is name; in English on",
    ],
  },
  "a missing table": {
    changed: chinese.replace(/^\|.*\n/gm, ""),
    found: [
      "docs/zh-CN/rules.md, “键”: has 0 tables; in English 1",
      "docs/zh-CN/rules.md, “键”: does not name `name`, as English does",
      "docs/zh-CN/rules.md, “键”: does not name `on`, as English does",
    ],
  },
  "a missing mark": {
    changed: chinese.replace("<!-- /keys -->\n\n", ""),
    found: [
      "docs/zh-CN/rules.md, “键”: marks of generated parts are <!-- keys: npm run docs -->; in English <!-- keys: npm run docs -->, <!-- /keys -->",
    ],
  },
  "a missing link": {
    changed: chinese.replace("[本项目](https://example.com)", "本项目"),
    found: ["docs/zh-CN/rules.md, “规则”: has 0 links to https://example.com; in English 1"],
  },
  "a name in code that is missing, and one too many": {
    changed: chinese.replace("- 1,200", "- `on` 1,200").replace("| `on` |", "| `to` |"),
    found: [
      "docs/zh-CN/rules.md, “规则”: names `on`, and English does not",
      "docs/zh-CN/rules.md, “键”: table 1, row 2: code in the first column is to; in English on",
      "docs/zh-CN/rules.md, “键”: does not name `on`, as English does",
      "docs/zh-CN/rules.md, “键”: names `to`, and English does not",
    ],
  },
  "a number that differs": {
    changed: chinese.replace("1,200", "1,300"),
    found: ["docs/zh-CN/rules.md, “规则”: does not have the number 1200, as English does"],
  },
  "a link to another section": {
    changed: chinese.replace("#请求头", "#请求体"),
    found: [
      "docs/zh-CN/rules.md, “规则”: has 0 links to docs/receiving.md, heading 3; in English 1",
      "docs/zh-CN/rules.md, “规则”: has 1 links to docs/receiving.md, heading 2; in English 0",
    ],
  },
  "a link to the English version": {
    changed: chinese.replace("receiving.md#请求头", "../receiving.md#headers"),
    found: [
      "docs/zh-CN/rules.md, “规则”: links ../receiving.md#headers, which has the Chinese version docs/zh-CN/receiving.md",
    ],
  },
  "another picture": {
    changed: chinese.replace("picture-zh.svg", "chart-zh.svg"),
    found: [
      "docs/zh-CN/rules.md, “规则”: has 0 images to docs/picture.svg; in English 1",
      "docs/zh-CN/rules.md, “规则”: has 1 images to docs/chart.svg; in English 0",
    ],
  },
};

for (const [name, { changed, found: expected }] of Object.entries(cases))
  test(`${name} is found`, () => {
    assert.notEqual(changed, chinese);
    assert.deepEqual(found(changed), expected);
  });

test("mistakes of setting are found", () => {
  const cases: Readonly<Record<string, number>> = {
    "规则有名称，也有 `url`（地址）。": 0,
    "规则有名称,也有地址。": 1,
    "规则有 `url`, 也有地址。": 1,
    "为什么?": 1,
    "规则 (可选)。": 2,
    "规则有`url`。": 1,
    "规则用JSON写。": 2,
    "等待 5秒。": 1,
    "**规则**的[名称](a.md)": 0,
    "事件在恢复以后\n继续投递。": 1,
    "事件在恢复以后，\n继续投递。": 0,
    "事件由 Worker\n投递。": 0,
    "- 事件\n- 目标": 0,
    "```ts\nconst 名称=1; // 名称,地址\n```": 0,
  };
  const counts = Object.keys(cases).map((text) => [text, mistakesOfSetting(text).length]);
  assert.deepEqual(Object.fromEntries(counts), cases);
});

test("a mistake of setting is told with the characters around it", () => {
  assert.deepEqual(mistakesOfSetting("规则有名称,也有`url`。"), [
    "half-width punctuation in Chinese: “规则有名称,也有`x`。”",
    "no blank between Chinese and another script: “则有名称,也有`x`。”",
  ]);
});

function found(changed: string): string[] {
  const page = readPage("docs/zh-CN/rules.md", changed);
  const find = (path: string): Page | null => {
    if (path === page.path) return page;
    if (path === "docs/rules.md") return readPage(path, english);
    return others[path] === undefined ? null : readPage(path, others[path]);
  };
  return differences(readPage("docs/rules.md", english), page, find);
}
