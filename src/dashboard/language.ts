/** The page's language. The texts of each part lie beside it, in both languages. */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { preference } from "./preference.ts";

export type Language = "en" | "zh";

const languages: readonly Language[] = ["en", "zh"];

/** That of the browser, until a person has chosen. */
export const language = signal<Language>(
  preference("language", languages) ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en"),
);

effect(() => {
  document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
});

/** Texts in the page's language. The type of the English ones is that of both. */
export function texts<Texts extends object>(both: { en: Texts; zh: NoInfer<Texts> }): ReadonlySignal<Texts> {
  return computed(() => both[language.value]);
}
