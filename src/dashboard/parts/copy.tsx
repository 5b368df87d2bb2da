/** Copies a text to the clipboard, and says so. */
import { texts } from "../language.ts";
import { Button } from "./button.tsx";
import type { IconName } from "./icon.tsx";
import { tell } from "./message.tsx";

const text = texts({
  en: { copied: "Copied." },
  zh: { copied: "已复制。" },
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
    await navigator.clipboard.writeText(content());
    tell("ok", text.value.copied);
  };
  return (
    <Button icon={icon} disabled={disabled} onPress={copy}>
      {children}
    </Button>
  );
}
