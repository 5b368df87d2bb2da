/** Copies a text to the clipboard, and says so. */
import { texts } from "../language.ts";
import { Button } from "./button.tsx";
import type { IconName } from "./icon.tsx";
import { tell } from "./message.tsx";

const text = texts({
  en: {
    copied: "Copied.",
    impossible:
      "The browser lets a page copy only over https, or on localhost. Open the page there, or select the text yourself.",
  },
  zh: {
    copied: "已复制。",
    impossible: "浏览器只允许通过 https 或 localhost 打开的页面复制。请改用这样的地址，或手动选择文字复制。",
  },
});

/** @param props.content makes the text when the button is pressed */
export function Copy({
  content,
  icon = "copy",
  disabled = false,
  children,
}: {
  content(): string;
  icon?: IconName;
  disabled?: boolean;
  children: string;
}) {
  const copy = async () => {
    const { clipboard } = navigator as Partial<Navigator>;
    if (!clipboard) return tell("bad", text.value.impossible);
    await clipboard.writeText(content());
    tell("ok", text.value.copied);
  };
  return (
    <Button icon={icon} disabled={disabled} onPress={copy}>
      {children}
    </Button>
  );
}
