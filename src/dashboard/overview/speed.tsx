/** Answers and verdicts as bars against the two seconds that Tencent waits. */
import { duration } from "../figures.ts";
import { marks } from "../marks.ts";
import { Track } from "../parts/track.tsx";
import type { Tone } from "../tones.ts";
import { text } from "./text.ts";
import type { Stats } from "./traffic.tsx";

/** https://cloud.tencent.com/document/product/269/1522 */
const waitsMs = 2_000;

export function Speed({ stats }: { stats: Stats }) {
  const { answers, decisions, delivery, deliveryHint, speedHint } = text.value;
  return (
    <div class="body speed">
      <p class="soft small">{speedHint}</p>
      <Bars name={answers} latency={stats.answering} />
      <Bars name={decisions} latency={stats.deciding} />
      <div class="pair">
        <h3>{delivery}</h3>
        <p class="small">
          <Quantiles latency={stats.latency} />
          <br />
          <span class="soft">{deliveryHint}</span>
        </p>
      </div>
    </div>
  );
}

function Bars({ name, latency }: { name: string; latency: Stats["latency"] }) {
  const { half, most, none } = text.value;
  return (
    <div class="pair">
      <h3>{name}</h3>
      {latency.p50 === null ? (
        <p class="soft small">{none}</p>
      ) : (
        <>
          <Bar label={half} ms={latency.p50} />
          <Bar label={most} ms={latency.p99 ?? latency.p50} />
        </>
      )}
    </div>
  );
}

function Bar({ label, ms }: { label: string; ms: number }) {
  const share = ms / waitsMs;
  return (
    <p class="measure">
      <span class="small soft">{label}</span>
      <Track shares={[share]} tone={toneOfWait(share)} />
      <strong>{duration(ms)}</strong>
    </p>
  );
}

/** @param share of the two seconds */
function toneOfWait(share: number): Tone {
  return share >= 1 ? "bad" : share >= 0.5 ? "warn" : "ok";
}

function Quantiles({ latency: { p50, p99 } }: { latency: Stats["latency"] }) {
  const { half, most, none } = text.value;
  if (p50 === null) return <span class="soft">{none}</span>;
  return (
    <>
      {half} <strong>{duration(p50)}</strong>
      {marks.value.comma}
      {most} <strong>{duration(p99)}</strong>
    </>
  );
}
