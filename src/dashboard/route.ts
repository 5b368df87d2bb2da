/** The page's address: its fragment names the view, the chosen item and the view's query. A link to it opens the same. */
import { signal } from "@preact/signals";

export type View = "overview" | "events" | "destinations" | "rules" | "verdicts" | "commands" | "start";

/** In the order of the navigation; the first one is shown at the start. */
export const views: readonly View[] = [
  "overview",
  "events",
  "destinations",
  "rules",
  "verdicts",
  "commands",
  "start",
];

export interface Place {
  view: View;
  /** An event's id, a destination's name, a command. */
  item: string | null;
  query: Readonly<Record<string, string>>;
}

/** `#/events/evt_1?filter=state%3Adead`; an unknown view is the first. */
export function readPlace(fragment: string): Place {
  const [path = "", search = ""] = fragment.replace(/^#?\/?/, "").split("?");
  const [name, ...rest] = path.split("/");
  const view = views.find((known) => known === name) ?? views[0]!;
  const item = rest.join("/");
  return {
    view,
    item: item === "" ? null : decoded(item),
    query: Object.fromEntries(new URLSearchParams(search)),
  };
}

export function linkTo(
  view: View,
  item: string | null = null,
  query: Readonly<Record<string, string>> = {},
): string {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ""));
  const path = item === null ? view : `${view}/${encodeURIComponent(item)}`;
  return `#/${path}${search.size > 0 ? `?${search}` : ""}`;
}

export const place = signal(readPlace(location.hash));
addEventListener("hashchange", () => {
  place.value = readPlace(location.hash);
});

/** @param replaces whether the browser's Back leads to the place before the present one */
export function go(link: string, { replaces = false } = {}): void {
  if (link === location.hash) return;
  if (replaces) history.replaceState(null, "", link);
  else history.pushState(null, "", link);
  place.value = readPlace(link);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
