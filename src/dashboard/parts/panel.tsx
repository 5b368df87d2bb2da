/** A part of a view, with its heading, and its empty, loading and failing states. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Answer } from "../answer.ts";
import { missingShards } from "../gaps.ts";
import { texts } from "../language.ts";
import { marks } from "../marks.ts";
import { isSilence } from "../silence.ts";
import { Button } from "./button.tsx";
import "./panel.css";

const text = texts({
  en: {
    loading: "Loading…",
    stale: "This is the last answer.",
    refused: "The gateway did not answer again:",
    none: "No answer yet.",
    again: "Try again",
    lacks: (shards: string) => `Incomplete: without the part of shard ${shards}, which does not answer.`,
  },
  zh: {
    loading: "加载中…",
    stale: "显示的是上一次的结果。",
    refused: "网关没有再次响应：",
    none: "尚无响应。",
    again: "重试",
    lacks: (shards) => `数据不完整：分片 ${shards} 没有响应，未计入。`,
  },
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
  const { stale, refused } = text.value;
  if (value === null && failure === null) return <Loading />;
  return (
    <>
      {isSilence(failure) ? (
        <Unanswered isOld={value !== null} />
      ) : (
        failure && (
          <Failing
            sentence={value === null ? failure.message : `${stale} ${refused} ${failure.message}`}
            onAgain={again}
          />
        )
      )}
      <Lacking answer={value} />
      {value !== null && children(value)}
    </>
  );
}

/** The frame says why: here only the place is marked. */
export function Unanswered({ isOld }: { isOld: boolean }) {
  const { stale, none } = text.value;
  return isOld ? <p class="stale soft small">{stale}</p> : <p class="loading">{none}</p>;
}

/** Numbers without the part of a silent shard look as if they were whole. */
export function Lacking({ answer }: { answer: unknown }) {
  const shards = missingShards(answer);
  if (shards.length === 0) return null;
  return (
    <p class="lacking small" role="status" data-tone="warn">
      {text.value.lacks(shards.join(marks.value.item))}
    </p>
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
