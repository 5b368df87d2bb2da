/** The style sheets: those of one view leave the other views alone. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../../src/dashboard");

/** Folders whose styles are for all views. */
const shared = ["parts", "style", "frame"];

interface Part {
  folder: string;
  text: string;
}

const parts = (pattern: string): Part[] =>
  globSync(pattern, { cwd: root }).map((file) => ({
    folder: dirname(file),
    text: readFileSync(join(root, file), "utf8"),
  }));

/** The classes with which selectors begin: they apply wherever the class is. */
function leadingClasses(css: string): Set<string> {
  const selectors = css.replace(/\/\*.*?\*\//gs, "").matchAll(/(?<=^|[{}])([^{}@]+)(?=\{)/g);
  return new Set(
    [...selectors]
      .flatMap(([selector]) => selector.split(","))
      .flatMap((selector) => /^\s*\.([\w-]+)/.exec(selector)?.[1] ?? []),
  );
}

/** The classes that components give to elements. */
function usedClasses(source: string): Set<string> {
  const attributes = source.matchAll(/class=(?:"([^"]*)"|\{([^}]*)\})/g);
  return new Set([...attributes].flatMap(([, text, code]) => (text ?? code ?? "").match(/[\w-]+/g) ?? []));
}

test("a class of one view's style sheet is used by no other view", () => {
  const components = parts("**/*.tsx");
  const leaks = parts("**/*.css").flatMap(({ folder, text }) =>
    shared.includes(folder)
      ? []
      : [...leadingClasses(text)].flatMap((name) =>
          components
            .filter((one) => one.folder !== folder && usedClasses(one.text).has(name))
            .map((one) => `.${name} of ${folder} applies in ${one.folder}`),
        ),
  );
  assert.deepEqual([...new Set(leaks)], []);
});

test("leading classes are found", () => {
  const css = "/* .no {} */ .a { color: red } .b .c, .d > .e { x: y } @media (x) { .f .g { x: y } } p .h {}";
  assert.deepEqual([...leadingClasses(css)], ["a", "b", "d", "f"]);
  assert.deepEqual(
    [...usedClasses('<p class="x y" /><i class={a ? "z" : "w w-2"} />')],
    ["x", "y", "a", "z", "w", "w-2"],
  );
});
