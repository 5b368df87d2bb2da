/** An observer inside the page: how long its frames take, and how soon events have their rows. */

export interface Watched {
  /** The longest time between two frames, milliseconds. */
  longestFrameMs: number;
  /** The longest work of the page for one frame, milliseconds; 0 where none took 50. */
  longestWorkMs: number;
  /** What tasks took beyond 50 ms each, all together. */
  blockingMs: number;
  /** From the arrival of each event at the gateway to its row in the page, milliseconds. */
  rowMs: number[];
}

export interface Loaded {
  /** From the start of the navigation, milliseconds: an event's row is drawn, and the page is free to take a click. */
  interactiveMs: number;
  largestPaintMs: number;
}

export interface Watch {
  loaded: Loaded;
  /** Everything since the start, or since the last call. */
  taken(): Watched;
  /** Whether an event has got a row since then. */
  hasRow(): boolean;
}

declare global {
  var watch: Watch;
}

/** Runs in the page before its own scripts. A browser is given its source: it uses nothing outside of itself. */
export function watchPage(): void {
  const nothing = (): Watched => ({ longestFrameMs: 0, longestWorkMs: 0, blockingMs: 0, rowMs: [] });
  let watched = nothing();
  const loaded: Loaded = { interactiveMs: Number.NaN, largestPaintMs: Number.NaN };
  globalThis.watch = {
    loaded,
    taken() {
      const before = watched;
      watched = nothing();
      return before;
    },
    hasRow: () => watched.rowMs.length > 0,
  };

  let lastFrame = performance.now();
  const frame = () => {
    const at = performance.now();
    watched.longestFrameMs = Math.max(watched.longestFrameMs, at - lastFrame);
    lastFrame = at;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);

  const observe = (type: string, take: (entry: PerformanceEntry) => void) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  observe("longtask", ({ duration }) => {
    watched.blockingMs += duration - 50;
  });
  observe("long-animation-frame", ({ duration }) => {
    watched.longestWorkMs = Math.max(watched.longestWorkMs, duration);
  });
  observe("largest-contentful-paint", ({ startTime }) => {
    loaded.largestPaintMs = startTime;
  });

  const isRow = (node: Node): node is HTMLElement =>
    node instanceof HTMLElement && node.matches(".rows .row[role=option]");
  let newest = "";
  let hasRow = false;
  new MutationObserver((changes) => {
    const now = Date.now();
    const added = changes.flatMap(({ addedNodes }) => [...addedNodes]);
    const rows = added.flatMap((node) =>
      isRow(node) ? [node] : node instanceof HTMLElement ? [...node.querySelectorAll(".rows .row")] : [],
    );
    const arrivals = rows.flatMap((row) => row.querySelector("time")?.dateTime ?? []);
    for (const at of arrivals) if (at > newest) watched.rowMs.push(now - Date.parse(at));
    // Rows that come again, as by scrolling, are no news.
    newest = [newest, ...arrivals].sort().at(-1)!;
    if (hasRow || rows.length === 0) return;
    hasRow = true;
    requestAnimationFrame(() =>
      setTimeout(() => {
        loaded.interactiveMs = performance.now();
      }),
    );
  }).observe(document, { childList: true, subtree: true });
}
