/** The languages of the documentation. */
export type Language = "en" | "zh-CN";

/** The path of a page of `docs` in a language. */
export function pathIn(language: Language, name: string): string {
  return language === "en" ? `docs/${name}` : `docs/${language}/${name}`;
}
