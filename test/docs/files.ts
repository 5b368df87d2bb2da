/** The pages for people in this checkout. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Page, readPage } from "./page.ts";

const root = join(import.meta.dirname, "../..");

export const pages: readonly string[] = ["", "docs", "docs/zh-CN"].flatMap((folder) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder))
        .filter((name) => name.endsWith(".md"))
        .map((name) => (folder === "" ? name : `${folder}/${name}`))
    : [],
);

const read = new Map<string, Page>();

export function pageAt(path: string): Page | null {
  if (!pages.includes(path)) return null;
  const page = read.get(path) ?? readPage(path, readFileSync(join(root, path), "utf8"));
  read.set(path, page);
  return page;
}

export function kindOf(path: string): "file" | "folder" | null {
  const stats = statSync(join(root, path), { throwIfNoEntry: false });
  if (!stats) return null;
  return stats.isDirectory() ? "folder" : "file";
}
