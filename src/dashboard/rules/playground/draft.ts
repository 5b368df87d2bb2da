/** The texts of the playground. Each stays while other views are looked at, and goes with the token. */
import { effect, signal } from "@preact/signals";
import { session } from "../../session.ts";

/** Null until the running rules have come. */
export const rulesText = signal<string | null>(null);
export const eventText = signal("");

effect(() => {
  if (session.value.state !== "signed out") return;
  rulesText.value = null;
  eventText.value = "";
});
