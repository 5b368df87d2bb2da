/** The pages for people: every link leads somewhere, and no line is too long to read beside code. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");

const pages = ["", "docs"].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name)),
);

/** Programs write these pages, or their examples may not be broken. */
const longLines = ["docs/bench.md", "docs/commands.md", "docs/page.md", "docs/rules.md"];

/** The parts of a page that `npm run docs` writes. */
const generated = /^<!-- (\w+): npm run .*-->$[\s\S]*?^<!-- \/\1 -->$/gm;

/** Characters. */
const maxLine = 120;

for (const page of pages) {
  test(`every link of ${page} leads to a file or a heading`, () => {
    const dead = linksOf(proseOf(textOf(page))).filter((link) => !leads(page, link));
    assert.deepEqual(dead, []);
  });

  if (!longLines.includes(page))
    test(`a line of ${page} has ${maxLine} characters at most`, () => {
      const long = proseOf(textOf(page).replace(generated, ""))
        .split("\n")
        .filter((line) => line.length > maxLine && !/^\s*\|/.test(line));
      assert.deepEqual(long, []);
    });
}

test("a link to a missing file or heading is found", () => {
  const page =
    "# Rules\n\n[a](#rules) [b](#rule) [c](docs/rules.md) [d](docs/rule.md) [e](docs/rules.md#no-such-heading)";
  const dead = linksOf(page).filter((link) => !leads("README.md", link, page));
  assert.deepEqual(dead, ["#rule", "docs/rule.md", "docs/rules.md#no-such-heading"]);
});

function textOf(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

/** A page without the code in it. */
function proseOf(text: string): string {
  return text.replace(/^( *)```[\s\S]*?^\1```$/gm, "");
}

/** Targets of a page's links, those of the web apart. */
function linksOf(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^https?:/.test(target));
}

function leads(page: string, link: string, text = textOf(page)): boolean {
  const [path, anchor] = link.split("#") as [string, string?];
  const file = path === "" ? page : relative(root, join(root, dirname(page), path));
  if (!existsSync(join(root, file))) return false;
  if (anchor === undefined || statSync(join(root, file)).isDirectory()) return anchor === undefined;
  return anchorsOf(path === "" ? text : textOf(file)).includes(anchor);
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  const anchors: string[] = [];
  for (const [, heading] of proseOf(text).matchAll(/^#+ (.+)$/gm)) {
    const anchor = heading!
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-");
    const same = anchors.filter((one) => one.replace(/-\d+$/, "") === anchor || one === anchor).length;
    anchors.push(same === 0 ? anchor : `${anchor}-${same}`);
  }
  return anchors;
}
