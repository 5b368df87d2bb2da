/** Numbers with their names, side by side. */
import type { ComponentChildren } from "preact";
import type { Tone } from "../tones.ts";
import "./figure.css";

export function Figures({ children }: { children: ComponentChildren }) {
  return <dl class="figures">{children}</dl>;
}

/** @param props.tone only where the number means something by itself, as dead letters do */
export function Figure({ name, tone, children }: { name: string; tone?: Tone; children: ComponentChildren }) {
  return (
    <div class="figure" data-tone={tone}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
