/** A state as a coloured word, the same colour everywhere. */
import { texts } from "../language.ts";
import { type Tone, toneOf } from "../tones.ts";
import "./state.css";

const names = texts({
  en: {
    delivered: "delivered",
    pending: "pending",
    retrying: "retrying",
    dead: "dead letter",
    quarantined: "quarantined",
    up: "up",
    failing: "failing",
    open: "down",
    paused: "paused",
    disabled: "disabled",
    listener: "awaits a listener",
    poller: "awaits a poller",
    on: "on",
    off: "off",
    wrong: "wrong",
    running: "running",
    done: "done",
    cancelled: "cancelled",
    ok: "ok",
    degraded: "degraded",
  } as Readonly<Record<string, string>>,
  zh: {
    delivered: "已投递",
    pending: "待投递",
    retrying: "重试中",
    dead: "死信",
    quarantined: "已隔离",
    up: "正常",
    failing: "有失败",
    open: "不可用",
    paused: "已暂停",
    disabled: "已停用",
    listener: "等待监听程序",
    poller: "等待轮询",
    on: "启用",
    off: "关闭",
    wrong: "有误",
    running: "进行中",
    done: "完成",
    cancelled: "已取消",
    ok: "正常",
    degraded: "异常",
  },
});

/** The name of a state in the page's language; a state that this page does not know stays as it is. */
export function stateName(state: string): string {
  return names.value[state] ?? state;
}

export function State({ state }: { state: string }) {
  return <Chip tone={toneOf(state)}>{stateName(state)}</Chip>;
}

export function Chip({ tone, title, children }: { tone: Tone; title?: string; children: string }) {
  return (
    <span class="chip" data-tone={tone} title={title}>
      {children}
    </span>
  );
}

/** A round light. Its meaning is told beside it: colour alone tells some people nothing. */
export function Lamp({ tone }: { tone: Tone }) {
  return <span class="lamp" data-tone={tone} aria-hidden="true" />;
}
