/** The ids of the newest events, in memory. */

/** @type {typeof import("./index.d.cts").memoryStore} */
function memoryStore(most = 100_000) {
  const ids = new Set();
  return {
    has: (id) => ids.has(id),
    add(id) {
      ids.add(id);
      // A set gives its members in the order in which they came.
      for (const oldest of ids) {
        if (ids.size <= most) break;
        ids.delete(oldest);
      }
    },
  };
}

exports.memoryStore = memoryStore;
