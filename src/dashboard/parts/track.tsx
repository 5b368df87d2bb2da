/** Shares of a whole as one bar. A number beside it says the same. */
import type { Tone } from "../tones.ts";
import "./track.css";

interface Props {
  /** From 0 to 1, the largest first: the last lies over the others, which are paler. */
  shares: readonly number[];
  tone: Tone;
  /** The meaning of the bar; without it, readers of a screen pass it over. */
  label?: string;
}

export function Track({ shares, tone, label }: Props) {
  const named =
    label === undefined
      ? { "aria-hidden": true }
      : { role: "img" as const, "aria-label": label, title: label };
  return (
    <span class="track" data-tone={tone} {...named}>
      {shares.map((share, index) => (
        <span key={index} style={{ width: widthOf(share) }} />
      ))}
    </span>
  );
}

/** Of a small share something can be seen, too. */
function widthOf(share: number): string {
  return `${share > 0 ? Math.min(100, Math.max(0.5, share * 100)) : 0}%`;
}
