/** Events of this isolate that are kept after their answer: a stop waits for them. */
const underway = new Set<Promise<unknown>>();

/** @param keeping never fails */
export function keptLater(keeping: Promise<unknown>): Promise<unknown> {
  underway.add(keeping);
  return keeping.finally(() => underway.delete(keeping));
}

/** Resolves when all that are under way now have ended. */
export function allKept(): Promise<unknown> {
  return Promise.allSettled(underway);
}
