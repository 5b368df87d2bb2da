/** A rule that a person changes for a trial, and the trial's outcome. Both go with the token. */
import { effect, signal } from "@preact/signals";
import type { components } from "../../client/index.js";
import { sendable } from "../exact-json.ts";
import { laidOut } from "../json-editor/layout.ts";
import { readWritten } from "../rules/playground/written.ts";
import { session } from "../session.ts";
import { text } from "./text.ts";

export const ruleText = signal("");
export const isChanged = signal(false);
export const outcome = signal<components["schemas"]["VerdictReplay"] | null>(null);

effect(() => {
  if (session.value.state !== "signed out") return;
  ruleText.value = "";
  isChanged.value = false;
  outcome.value = null;
});

export const changed = {
  /** Masked secrets are left out: a trial sends none. */
  begin({ secret, headers, ...rule }: Readonly<Record<string, unknown>>): void {
    const isSent = headers !== undefined && !/\*\*\*|\$/.test(JSON.stringify(headers));
    ruleText.value = laidOut({ ...rule, ...(isSent && { headers }) });
  },
  /** @throws Error with a sentence, if the text is no rule */
  value(): unknown {
    const { value } = readWritten(ruleText.value);
    if (typeof value !== "object" || value === null) throw new Error(text.peek().mend);
    return sendable(value);
  },
};
