/** The navigation beside the view, above it on a phone. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Answer } from "../answer.ts";
import { texts } from "../language.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { Failing } from "../parts/panel.tsx";
import { Lamp } from "../parts/state.tsx";
import { linkTo, place, views } from "../route.ts";
import { mayAct, signOut } from "../session.ts";
import { unanswered } from "../silence.ts";
import { toneOf } from "../tones.ts";
import { Choices } from "./choices.tsx";
import { type Health, HealthShown, useHealth } from "./health.ts";
import { helpIsOpen } from "./keys.tsx";
import "./frame.css";

const text = texts({
  en: {
    overview: "Overview",
    events: "Events",
    destinations: "Destinations",
    rules: "Rules",
    verdicts: "Verdicts",
    commands: "Commands",
    start: "First steps",
    leave: "Sign out",
    help: "Keyboard help",
    reads: "Read only",
    problems: (n: number) => (n === 1 ? "1 problem" : `${n} problems`),
    well: "All is well",
    unreachable: "No answer",
    old: "The page shows the last answers.",
    views: "Views",
    skip: "Skip to the content",
  },
  zh: {
    overview: "概览",
    events: "事件",
    destinations: "目标",
    rules: "规则",
    verdicts: "裁决",
    commands: "命令",
    start: "开始使用",
    leave: "退出",
    help: "键盘帮助",
    reads: "只读",
    problems: (n) => `${n} 个问题`,
    well: "一切正常",
    unreachable: "无响应",
    old: "页面显示的是上一次的结果。",
    views: "视图",
    skip: "跳到内容",
  },
});

export function Frame({ children }: { children: ComponentChildren }) {
  const { view } = place.value;
  const { views: label, leave, help, reads, skip } = text.value;
  const title = text.value[view];
  const list = useRef<HTMLUListElement>(null);
  const health = useHealth();
  useEffect(() => {
    document.title = `${title} · tim-relay`;
  }, [title]);
  useEffect(() => {
    scrollTo({ top: 0 });
    // On a phone the list is wider than the screen.
    list.current!.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [view]);
  return (
    <div class="frame">
      <button type="button" class="skip" onClick={focusContent}>
        {skip}
      </button>
      <nav aria-label={label}>
        <p class="brand">
          <Icon name="destinations" />
          tim-relay
        </p>
        <ul ref={list}>
          {views.map((name) => (
            <li key={name}>
              <a href={linkTo(name)} aria-current={name === view ? "page" : undefined}>
                <Icon name={name} />
                {text.value[name]}
              </a>
            </li>
          ))}
        </ul>
        <footer>
          <Standing health={health} />
          {!mayAct.value && <p class="soft small">{reads}</p>}
          <Choices />
          <div class="choices">
            <Button icon="help" title={help} onPress={() => (helpIsOpen.value = true)} />
            <Button icon="leave" title={leave} onPress={() => signOut()} />
          </div>
        </footer>
      </nav>
      <main id="content" tabIndex={-1}>
        <Silence />
        <HealthShown.Provider value={health}>{children}</HealthShown.Provider>
      </main>
    </div>
  );
}

/** The gateway's own opinion of itself, on every view. */
function Standing({ health: { value, failure } }: { health: Answer<Health> }) {
  const { problems, well, unreachable } = text.value;
  const tone = failure ? "bad" : toneOf(value?.status ?? "");
  const sentence = failure
    ? unreachable
    : value === null
      ? "…"
      : value.problems.length === 0
        ? well
        : problems(value.problems.length);
  return (
    <a class="standing" href={linkTo("overview")}>
      <Lamp tone={tone} />
      {sentence}
    </a>
  );
}

/** Says once that requests are not answered, however many parts of the page have sent one. */
function Silence() {
  const [first, ...others] = unanswered.value;
  if (!first) return null;
  const again = () => {
    for (const one of [first, ...others]) one.again();
  };
  return <Failing sentence={`${first.failure.message} ${text.value.old}`} onAgain={again} />;
}

/** The fragment of the address names the view, and so cannot name a place in the page. */
function focusContent(): void {
  document.getElementById("content")?.focus();
}
