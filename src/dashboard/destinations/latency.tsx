/** `83 ms · 1.2 s`: the latency of half, and of 99 %. */
import type { Destination } from "../../client/index.js";
import { duration } from "../figures.ts";

export function Latency({ latency: { p50, p99 } }: { latency: Destination["latency"] }) {
  if (p50 === null) return <span class="soft">–</span>;
  return (
    <>
      {duration(p50)} · {duration(p99)}
    </>
  );
}
