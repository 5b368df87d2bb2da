/** A modal dialog. The browser keeps the focus inside, closes it by Escape, and gives the focus back. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { texts } from "../language.ts";
import { Button } from "./button.tsx";
import "./dialog.css";

const text = texts({ en: { close: "Close", cancel: "Cancel" }, zh: { close: "关闭", cancel: "取消" } });

interface Props {
  title: string;
  onClose(): void;
  children: ComponentChildren;
}

export function Dialog({ title, onClose, children }: Props) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={id} onClose={onClose}>
      <header>
        <h2 id={id}>{title}</h2>
        <Button icon="close" title={text.value.close} onPress={() => dialog.current?.close()} />
      </header>
      {children}
    </dialog>
  );
}

/** Asks before an action that a person may not have meant. */
export function Confirm({
  title,
  action,
  grave = false,
  onConfirm,
  onClose,
  children,
}: Props & { action: string; grave?: boolean; onConfirm(): unknown }) {
  const confirm = async () => {
    await onConfirm();
    onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <div class="body">{children}</div>
      <footer class="actions">
        <Button onPress={onClose}>{text.value.cancel}</Button>
        <Button kind={grave ? "grave" : "main"} onPress={confirm}>
          {action}
        </Button>
      </footer>
    </Dialog>
  );
}
