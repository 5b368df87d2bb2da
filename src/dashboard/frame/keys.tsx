/** The keys that work on every view, and the help that lists all keys. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { texts } from "../language.ts";
import { Dialog } from "../parts/dialog.tsx";
import { go, linkTo, type View } from "../route.ts";
import "./keys.css";

const text = texts({
  en: {
    title: "Keyboard",
    keys: [
      ["/", "search, or edit the filter"],
      ["j  k", "open the next, the previous in the list"],
      ["Enter", "search with the filter"],
      ["Esc", "close"],
      ["g o", "overview"],
      ["g e", "events"],
      ["g d", "destinations"],
      ["g r", "rules"],
      ["g v", "verdicts"],
      ["g c", "commands"],
      ["g s", "first steps"],
      ["?", "this help"],
    ] as readonly (readonly [string, string])[],
  },
  zh: {
    title: "键盘",
    keys: [
      ["/", "搜索，或编辑过滤条件"],
      ["j  k", "打开列表中的下一个、上一个"],
      ["Enter", "按过滤条件搜索"],
      ["Esc", "关闭"],
      ["g o", "概览"],
      ["g e", "事件"],
      ["g d", "目标"],
      ["g r", "规则"],
      ["g v", "裁决"],
      ["g c", "命令"],
      ["g s", "开始使用"],
      ["?", "本帮助"],
    ],
  },
});

export const helpIsOpen = signal(false);

const initials: Readonly<Record<string, View>> = {
  o: "overview",
  e: "events",
  d: "destinations",
  c: "commands",
  s: "start",
  r: "rules",
  v: "verdicts",
};

/** How long the second key of a pair may take, milliseconds. */
const pairMs = 1_000;

export function Keys() {
  useEffect(() => {
    let gAt = 0;
    const press = (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      const view = event.timeStamp - gAt < pairMs ? initials[event.key] : undefined;
      gAt = event.key === "g" ? event.timeStamp : 0;
      if (view) go(linkTo(view));
      else if (event.key === "?") helpIsOpen.value = true;
      else if (event.key === "/") document.querySelector<HTMLElement>("[data-search]")?.focus();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);

  if (!helpIsOpen.value) return null;
  const { title, keys } = text.value;
  return (
    <Dialog title={title} onClose={() => (helpIsOpen.value = false)}>
      <dl class="keys">
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              {key.split(/ +/).map((part) => (
                <kbd key={part}>{part}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

/** Whether a key is meant for a field, a dialog or the browser. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  // Within a shadow tree the target is the tree's host.
  const [target] = event.composedPath();
  return (
    target instanceof Element && target.closest("input, textarea, select, dialog, [contenteditable]") !== null
  );
}
