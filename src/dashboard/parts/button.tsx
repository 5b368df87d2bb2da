/** A button that shows that its work goes on, and the reason if it failed. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { failureOf } from "../failure.ts";
import { signOut } from "../session.ts";
import { Icon, type IconName } from "./icon.tsx";
import { tell } from "./message.tsx";
import "./button.css";

interface Props {
  icon?: IconName;
  /** `main`: the one that a person is expected to press. `grave`: its work cannot be undone. */
  kind?: "main" | "grave" | "plain";
  /** Where the icon stands alone: the name for screen readers, and on hover. */
  title?: string;
  disabled?: boolean;
  pressed?: boolean;
  onPress(): unknown;
  children?: ComponentChildren;
}

export function Button({ icon, kind = "plain", title, disabled = false, pressed, onPress, children }: Props) {
  const [busy, setBusy] = useState(false);
  const press = async () => {
    if (busy) return;
    setBusy(true);
    try {
      await onPress();
    } catch (error) {
      const failure = failureOf(error);
      if (failure.status === 401) signOut(failure);
      else tell("bad", failure.message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <button
      type="button"
      class={`button ${kind}`}
      title={title}
      aria-label={title}
      aria-busy={busy}
      // A disabled button would lose the focus.
      aria-disabled={busy || undefined}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={press}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
