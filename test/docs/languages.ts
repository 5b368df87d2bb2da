/** The two languages of the documentation: which pages they have, and where the Chinese of a page stands. */

/** The reference of Tencent's commands and the protocols of measurements, which programs write. */
export const englishOnly = ["docs/bench.md", "docs/commands.md", "docs/page.md"];

/** The path of a page's Chinese version; null for a page that is English only. */
export function chineseOf(english: string): string | null {
  if (english === "README.md") return "README.zh-CN.md";
  if (englishOnly.includes(english)) return null;
  return /^docs\/[^/]+\.md$/.test(english) ? english.replace("docs/", "docs/zh-CN/") : null;
}

/** The path of the English version of a Chinese page; null for any other path. */
export function englishOf(chinese: string): string | null {
  if (chinese === "README.zh-CN.md") return "README.md";
  return /^docs\/zh-CN\/[^/]+\.md$/.test(chinese) ? chinese.replace("docs/zh-CN/", "docs/") : null;
}
