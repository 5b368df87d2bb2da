/** The pages for people: every link leads somewhere, and no line is too long to read beside code. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOf, pageAt, pages } from "./files.ts";
import { isOfTheWeb, type Page, readPage, targetOf, withoutBlocks } from "./page.ts";

/** Programs write these pages. */
const longLines = ["docs/bench.md", "docs/commands.md", "docs/page.md"];

/** The parts of a page that `npm run docs` writes. */
const generated = /^<!-- (\w+): npm run .*-->$[\s\S]*?^<!-- \/\1 -->$/gm;

/** Characters. */
const maxLine = 120;

for (const path of pages) {
  const page = pageAt(path)!;

  test(`every link of ${path} leads to a file or a heading`, () => {
    assert.deepEqual(deadLinks(page), []);
  });

  if (!longLines.includes(path))
    test(`a line of ${path} has ${maxLine} characters at most`, () => {
      const long = withoutBlocks(page.text.replace(generated, ""))
        .split("\n")
        .filter((line) => line.length > maxLine && !/^\s*\|/.test(line));
      assert.deepEqual(long, []);
    });
}

test("a link to a missing file or heading is found", () => {
  const text = `# Rules

[a](#rules) [b](#rule) [c](docs/rules.md) [d](docs/rule.md) [e](docs/rules.md#no-such-heading) [f](src#a) [g](src/)
![h](docs/no-such.svg) <img src="docs/no-such.png">`;
  assert.deepEqual(deadLinks(readPage("README.md", text)), [
    "#rule",
    "docs/rule.md",
    "docs/rules.md#no-such-heading",
    "src#a",
    "docs/no-such.svg",
    "docs/no-such.png",
  ]);
});

test("a link of a Chinese page starts at its own folder", () => {
  const page = readPage("docs/zh-CN/rules.md", "# 规则\n\n[a](#规则) [b](../openapi.json) [c](openapi.json)");
  assert.deepEqual(deadLinks(page), ["openapi.json"]);
});

/** Targets of a page's links and images that lead nowhere, those of the web apart. */
function deadLinks(page: Page): string[] {
  return page.sections
    .flatMap(({ links, images }) => [...links, ...images])
    .filter((link) => !isOfTheWeb(link) && !leads(page, link));
}

function leads(page: Page, link: string): boolean {
  const { path, anchor } = targetOf(page.path, link);
  const kind = kindOf(path);
  if (kind === null || anchor === null) return kind !== null;
  const target = path === page.path ? page : pageAt(path);
  return target?.sections.some((section) => section.anchor === anchor) ?? false;
}
