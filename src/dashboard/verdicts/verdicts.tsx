/** How before-callbacks were decided: by which rules, how fast, how often refused, and how rules on trial would decide. */
import { useAnswer } from "../answer.ts";
import { Answered } from "../parts/panel.tsx";
import type { Rule } from "../rules/rule.ts";
import { ByRule } from "./by-rule.tsx";
import { Refused } from "./refused.tsx";
import { Shadows } from "./shadows.tsx";
import { text } from "./text.ts";
import { Trial } from "./trial.tsx";
import "./verdicts.css";

const everyMs = 5_000;

export function Verdicts() {
  const answer = useAnswer((relay, signal) => relay.get("/api/rules", { signal }), { every: everyMs });
  return (
    <div class="view verdicts">
      <header>
        <h1>{text.value.title}</h1>
      </header>
      <Answered answer={answer}>
        {(rules) => {
          const deciding = rules.filter(({ kind }) => kind === "ask" || kind === "answer");
          return (
            <>
              <ByRule rules={deciding} />
              <Refused />
              <Shadows rules={deciding.filter(isShadow)} />
              <Trial rules={deciding} />
            </>
          );
        }}
      </Answered>
    </div>
  );
}

function isShadow({ rule }: Rule): boolean {
  return rule?.shadow === true;
}
