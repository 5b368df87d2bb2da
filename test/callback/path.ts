/** Changes a copy of a body at a path such as `MsgSeqList[1].MsgSeq`. */

type Holder = Record<string | number, unknown>;

export function without(body: object, path: string): Record<string, unknown> {
  return changed(body, path, (holder, key) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  });
}

export function withValue(body: object, path: string, value: unknown): Record<string, unknown> {
  return changed(body, path, (holder, key) => {
    holder[key] = value;
  });
}

function changed(body: object, path: string, change: (holder: Holder, key: string | number) => void) {
  const copy = structuredClone(body) as Record<string, unknown>;
  const keys = [...path.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([key, index]) => (index ? Number(index) : key));
  let holder = copy as Holder;
  for (const key of keys.slice(0, -1)) holder = holder[key] as Holder;
  change(holder, keys.at(-1) as string | number);
  return copy;
}
