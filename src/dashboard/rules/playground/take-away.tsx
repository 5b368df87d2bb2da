/** The rules on trial as text for the settings. */
import { bytes } from "../../figures.ts";
import { laidOut, minified } from "../../json-editor/layout.ts";
import { Copy } from "../../parts/copy.tsx";
import { text } from "./text.ts";

/** Bytes that a variable holds. */
const mostBytes = 5_000;

/** @param props.rules null while the text is none */
export function TakeAway({ rules }: { rules: readonly unknown[] | null }) {
  const { asVariable, asFile, size, tooLong } = text.value;
  const length = rules === null ? 0 : new TextEncoder().encode(minified(rules)).length;
  return (
    <div class="take-away">
      <p class="actions">
        <Copy disabled={rules === null} content={() => minified(rules)}>
          {asVariable}
        </Copy>
        <Copy disabled={rules === null} content={() => `"rules": ${laidOut(rules)}`}>
          {asFile}
        </Copy>
      </p>
      {rules !== null && <p class="soft small">{length > mostBytes ? tooLong : size(bytes(length))}</p>}
    </div>
  );
}
