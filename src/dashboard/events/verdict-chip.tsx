/** The answer to a before-callback in a word; its rule on hover. */
import type { components } from "../../client/index.js";
import { marks } from "../marks.ts";
import { VerdictCode } from "../parts/verdict-code.tsx";
import { sourceName } from "../verdicts/sources.tsx";
import { text } from "./text.ts";

export function VerdictChip({
  verdict: { rule, code, how },
}: {
  verdict: components["schemas"]["ShortVerdict"];
}) {
  return (
    <VerdictCode code={code} title={(rule ?? text.value.nobody) + marks.value.comma + sourceName(how)} />
  );
}
