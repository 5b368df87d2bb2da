/** A part of a view, with its heading, and its empty, loading and failing states. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Answer } from "../answer.ts";
import { texts } from "../language.ts";
import { Button } from "./button.tsx";
import "./panel.css";

const text = texts({
  en: {
    loading: "Loading…",
    stale: "This is the last answer. The gateway did not answer again:",
    again: "Try again",
  },
  zh: { loading: "加载中…", stale: "显示的是上一次的结果，网关没有再次响应：", again: "重试" },
});

export function Panel({
  title,
  aside,
  children,
}: {
  title: string;
  /** At the end of the heading's line. */
  aside?: ComponentChildren;
  children: ComponentChildren;
}) {
  const id = useId();
  return (
    <section class="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** An answer's value, or its loading or failing state. */
export function Answered<Value>({
  answer,
  children,
}: {
  answer: Answer<Value>;
  children: (value: Value) => ComponentChildren;
}) {
  const { value, failure, again } = answer;
  if (value === null && failure === null) return <Loading />;
  return (
    <>
      {failure && (
        <Failing
          sentence={value === null ? failure.message : `${text.value.stale} ${failure.message}`}
          onAgain={again}
        />
      )}
      {value !== null && children(value)}
    </>
  );
}

export function Failing({ sentence, onAgain }: { sentence: string; onAgain(): void }) {
  return (
    <div class="failing" role="alert" data-tone="bad">
      <p>{sentence}</p>
      <Button icon="again" onPress={onAgain}>
        {text.value.again}
      </Button>
    </div>
  );
}

export function Loading() {
  return (
    <p class="loading" role="status">
      {text.value.loading}
    </p>
  );
}

/** Shown where there is nothing, and says why, or what to do. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}
