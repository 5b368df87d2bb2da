/**
 * The token `after` of a poll: it names the events of one answer, and the next poll confirms them by it. The events
 * stand in it, so that it outlives each restart. It holds for one rule of one gateway.
 */
import { hex, sha256 } from "../callback/sha256.ts";
import type { Receipt } from "../shard/pump/receipt.ts";

/** The events of an answer, by shard. */
export type Receipts = ReadonlyMap<number, Receipt>;

/** @param scope the gateway's id and the name of the rule */
export async function tokenOf(receipts: Receipts, scope: string): Promise<string> {
  const parts = [...receipts].map(([shard, { at, keys }]) => {
    const sorted = keys.toSorted((a, b) => a - b);
    const steps = sorted.map((key, index) => key - (sorted[index - 1] ?? 0));
    return [shard, at, ...steps].map((number) => number.toString(36)).join(".");
  });
  const text = parts.join("~");
  return `${await markOf(text, scope)}~${text}`;
}

/** The events that a token names; null: it is none of this rule's. */
export async function receiptsIn(token: string, scope: string): Promise<Receipts | null> {
  const [mark, ...parts] = token.split("~");
  if (parts.length === 0 || mark !== (await markOf(parts.join("~"), scope))) return null;
  return new Map(
    parts.map((part) => {
      const [shard = 0, at = 0, ...steps] = part.split(".").map((number) => Number.parseInt(number, 36));
      let key = 0;
      return [shard, { at, keys: steps.map((step) => (key += step)) }];
    }),
  );
}

/** Tells a foreign or damaged token. It is no signature: a poller may confirm all that its rule sends anyway. */
async function markOf(text: string, scope: string): Promise<string> {
  const hash = await sha256(`${scope} ${text}`);
  return hex(hash.subarray(0, 6));
}
