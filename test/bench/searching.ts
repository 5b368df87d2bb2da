/** How fast a full journal is searched and exported. */
import { quantile } from "./sample.ts";
import type { Bench, Gateway } from "./servers.ts";

export interface Searching {
  /** Of the latest page, milliseconds. */
  page: { first: number; median: number; slowest: number };
  /** For an account that no event names: everything is looked through. Milliseconds. */
  accountMs: number;
  exportedPerSecond: number;
  exportedBytes: number;
  /** The most memory that the runtime had by then, MB; null where the system does not tell. */
  peakMb: number | null;
}

/** @param gateway with all events, before it receives any */
export async function searching(gateway: Gateway, { say }: Bench): Promise<Searching> {
  say("searching and exporting the events kept");
  const page = await latestPage(gateway);
  const accountMs = await wholeSearchMs(gateway);
  const startedAt = performance.now();
  const { lines, bytes } = await exported(gateway);
  const exportedPerSecond = (lines * 1_000) / (performance.now() - startedAt);
  return { page, accountMs, exportedPerSecond, exportedBytes: bytes, peakMb: gateway.peakMb() };
}

async function latestPage(gateway: Gateway): Promise<Searching["page"]> {
  const took = async () => {
    const startedAt = performance.now();
    await gateway.api("api/events?limit=50");
    return performance.now() - startedAt;
  };
  const first = await took();
  const further: number[] = [];
  while (further.length < 20) further.push(await took());
  return { first, median: quantile(further, 0.5)!, slowest: Math.max(...further) };
}

/** Pages of a search that finds nothing, until the journal is looked through. */
async function wholeSearchMs(gateway: Gateway): Promise<number> {
  const startedAt = performance.now();
  for (let cursor: string | null = ""; cursor !== null; ) {
    const next: unknown = await gateway.api(
      `api/events?account=nobody&limit=50${cursor && `&cursor=${cursor}`}`,
    );
    ({ cursor } = next as { cursor: string | null });
  }
  return performance.now() - startedAt;
}

async function exported(
  gateway: Gateway,
  signal: AbortSignal | null = null,
): Promise<{ lines: number; bytes: number }> {
  let lines = 0;
  let bytes = 0;
  const response = await gateway.request("api/export", { signal });
  for await (const chunk of response.body!) {
    bytes += chunk.length;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
  }
  return { lines, bytes };
}

/** One export after the other. */
export async function exportUntil(gateway: Gateway, ended: AbortSignal): Promise<void> {
  while (!ended.aborted)
    await exported(gateway, ended).catch((error) => {
      if (!ended.aborted) throw error;
    });
}
