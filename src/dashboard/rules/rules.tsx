/** The running rules, and the playground in which changes of them are tried. */
import { useAnswer } from "../answer.ts";
import { lazily } from "../lazily.tsx";
import { Answered, Empty } from "../parts/panel.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { go, linkTo, place } from "../route.ts";
import { mayAct } from "../session.ts";
import { RuleList } from "./rule-list.tsx";
import { text } from "./text.ts";
import "./rules.css";

const everyMs = 5_000;

/** The editor is the largest part of the page: it comes when it is needed. */
const Playground = lazily(() => import("./playground/playground.tsx").then(({ Playground }) => Playground));

export function Rules() {
  const isOpen = place.value.query.open === "playground";
  const { title, views, list, playground, readOnly } = text.value;
  return (
    <div class="view rules">
      <header>
        <h1>{title}</h1>
        <Tabs
          label={views}
          tabs={[
            ["list", list],
            ["playground", playground],
          ]}
          chosen={isOpen ? "playground" : "list"}
          onChoose={(name) => go(linkTo("rules", null, name === "list" ? {} : { open: name }))}
        />
      </header>
      {!isOpen && <Running />}
      {isOpen && (mayAct.value ? <Playground /> : <Empty>{readOnly}</Empty>)}
    </div>
  );
}

function Running() {
  const answer = useAnswer((relay, signal) => relay.get("/api/rules", { signal }), { every: everyMs });
  return <Answered answer={answer}>{(rules) => <RuleList rules={rules} onChange={answer.again} />}</Answered>;
}
