/** The answer to a before-callback in a word. */
import type { components } from "../../client/index.js";
import { Chip } from "../parts/state.tsx";
import { text } from "./text.ts";

export function VerdictChip({ verdict }: { verdict: components["schemas"]["ShortVerdict"] }) {
  const { refused, allowed, nobody } = text.value;
  const title = `${verdict.rule ?? nobody}, ${verdict.how}`;
  return (
    <Chip tone={verdict.code === 0 ? "ok" : "bad"} title={title}>
      {verdict.code === 0 ? allowed : refused(verdict.code)}
    </Chip>
  );
}
