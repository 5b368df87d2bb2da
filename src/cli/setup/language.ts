/** The language in which a person is spoken to. */

export type Language = "en" | "zh";

export const languages: readonly Language[] = ["en", "zh"];

/** That of the environment. */
export function languageOf({
  LC_ALL,
  LC_MESSAGES,
  LANG,
}: Readonly<Record<string, string | undefined>>): Language {
  return (LC_ALL || LC_MESSAGES || LANG || "").toLowerCase().startsWith("zh") ? "zh" : "en";
}
