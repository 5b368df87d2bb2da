/** Callers that send callbacks of several conversations at once, until the burst is over or the gateway is dead. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Callback } from "../support/callbacks.ts";
import { Chance } from "../support/chance.ts";
import type { Ledger } from "./ledger.ts";
import type { Plan } from "./plan.ts";

export interface Load {
  /** Resolves when no request is under way any more. */
  ended: Promise<void>;
  /** Lets the requests under way end, and begins no other. */
  stop(): void;
}

/**
 * @param name begins the label of each callback: `burst1-17`, of a misfit `misfit-burst1-17`
 * @param urlOf is asked before every callback
 */
export function pour(
  { seed, senders, groups, misfits, restMs }: Plan,
  { name, events, urlOf, ledger }: { name: string; events: number; urlOf: () => string; ledger: Ledger },
): Load {
  let count = 0;
  let stopped = false;
  const sender = async (index: number) => {
    const chance = new Chance(seed * 1000 + index);
    while (!stopped && count < events) {
      const callback = callbackOf(name, ++count, groups, chance.happens(misfits));
      if ((await ledger.send(urlOf(), callback)) === null) return;
      await sleep(chance.between(0, restMs));
    }
  };
  const all = Promise.all(Array.from({ length: senders }, (_, index) => sender(index)));
  return {
    ended: all.then(() => {}),
    stop() {
      stopped = true;
    },
  };
}

function callbackOf(name: string, n: number, groups: number, isMisfit: boolean): Callback {
  const group = `@TGS#${n ** 2 % groups}`;
  if (isMisfit) return { label: `misfit-${name}-${n}`, group, body: JSON.stringify({ GroupId: group }) };
  const label = `${name}-${n}`;
  if (n % 11 > 0) return { label, group };
  // A command that Tencent may add one day, and that names no conversation.
  const command = "Test.CallbackAfterAnything";
  return { label, command, body: `{"Label":"${label}","Number":9007199254740993,"EventTime":1670574414123}` };
}
