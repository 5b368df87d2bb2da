/** Light or dark: as the system has it, until a person has chosen. */
import { effect, signal } from "@preact/signals";
import { prefer, preference } from "./preference.ts";

export type Theme = "light" | "dark";

const chosen = signal<Theme | null>(preference<Theme>("theme", ["light", "dark"]));
const system = matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = signal(system.matches);
system.addEventListener("change", ({ matches }) => {
  systemIsDark.value = matches;
});

effect(() => {
  if (chosen.value === null) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen.value;
});

/** The theme in use. A chart draws with colours that it reads from the page, and must draw again. */
export function theme(): Theme {
  return chosen.value ?? (systemIsDark.value ? "dark" : "light");
}

export function switchTheme(): void {
  chosen.value = theme() === "dark" ? "light" : "dark";
  prefer("theme", chosen.value);
}
