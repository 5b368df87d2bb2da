/** How verdicts came about, as counts in words. */
import type { components } from "../../client/index.js";
import { count } from "../figures.ts";
import { texts } from "../language.ts";
import { marks } from "../marks.ts";
import { Chip } from "../parts/state.tsx";
import type { Tone } from "../tones.ts";

export type Source = components["schemas"]["VerdictSource"];

const names = texts({
  en: {
    answered: "answered by the backend",
    rule: "by the rule itself",
    timeout: "no answer in time",
    unreachable: "backend unreachable",
    status: "backend answered an error",
    breaker: "backend not waited for",
    invalid: "unreadable answer",
    default: "by default",
  } as Readonly<Record<string, string>>,
  zh: {
    answered: "后端应答",
    rule: "规则直接应答",
    timeout: "未及时应答",
    unreachable: "后端无法连接",
    status: "后端返回错误",
    breaker: "熔断，未等待后端",
    invalid: "应答无法识别",
    default: "默认应答",
  },
});

const tones: Readonly<Record<string, Tone>> = {
  answered: "ok",
  rule: "ok",
  timeout: "bad",
  unreachable: "bad",
  status: "bad",
  breaker: "warn",
  invalid: "odd",
};

export const sourceName = (how: string) => names.value[how] ?? how;
export const sourceTone = (how: string): Tone => tones[how] ?? "off";

export function Sources({ verdicts }: { verdicts: Readonly<Record<string, number>> }) {
  return (
    <p class="chips">
      {Object.entries(verdicts).map(([how, times]) => (
        <Chip key={how} tone={sourceTone(how)}>
          {`${sourceName(how)}${marks.value.colon}${count(times)}`}
        </Chip>
      ))}
    </p>
  );
}
