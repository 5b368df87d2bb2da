/** Which of the rules on trial fit the event, and the field that keeps each other one from it. */
import type { components } from "../../../client/index.js";
import type { Later } from "../../later.ts";
import { Empty, Panel } from "../../parts/panel.tsx";
import { Chip } from "../../parts/state.tsx";
import { told } from "../../told/told.ts";
import { text } from "./text.ts";
import { deciderOf, ruleNamed } from "./written.ts";

type Result = components["schemas"]["RuleTest"];

interface Props {
  fits: Later<{ rules: readonly unknown[]; results: readonly Result[] }>;
  /** Whether there is an event. */
  isAsked: boolean;
  isBroken: boolean;
  onShow(rule: string): void;
}

export function Fits({ fits: { value, isOld }, isAsked, isBroken, onShow }: Props) {
  const { fits, noEvent, mend, waiting, noRules } = text.value;
  return (
    <Panel title={fits}>
      {!isAsked ? (
        <Empty>{noEvent}</Empty>
      ) : isBroken ? (
        <Empty>{mend}</Empty>
      ) : value === null ? (
        <Empty>{waiting}</Empty>
      ) : value.results.length === 0 ? (
        <Empty>{noRules}</Empty>
      ) : (
        <ol class="fits" aria-busy={isOld}>
          {value.results.map((result) => (
            <Line key={result.rule} result={result} value={value} onShow={onShow} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

interface LineProps {
  result: Result;
  value: { rules: readonly unknown[]; results: readonly Result[] };
  onShow(rule: string): void;
}

function Line({ result, value: { rules, results }, onShow }: LineProps) {
  const { rule, matches, word, body, failed, untried } = result;
  const { fit, no, decides, off, inShadow, notCounted, sends, holds } = text.value;
  const { enabled, shadow } = ruleNamed(rules, rule);
  return (
    <li>
      <p class="chips">
        <Chip tone={matches ? "ok" : "off"}>{matches ? fit : no}</Chip>
        <button type="button" class="name" onClick={() => onShow(rule)}>
          {rule}
        </button>
        {deciderOf(rules, results) === rule && <Chip tone="busy">{decides}</Chip>}
        {enabled === false && <Chip tone="off">{off}</Chip>}
        {shadow === true && <Chip tone="odd">{inShadow}</Chip>}
      </p>
      {untried && <p class="soft small wraps">{notCounted}</p>}
      {failed && <p class="soft small wraps">{told.value(failed.why)}</p>}
      {matches && word !== undefined && (
        <p class="soft small wraps">
          {holds} <code>{word}</code>
        </p>
      )}
      {body !== undefined && (
        <p class="soft small wraps">
          {sends} <code>{body}</code>
        </p>
      )}
    </li>
  );
}
