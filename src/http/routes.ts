/**
 * Every route but that of callbacks, as data: requests are matched, checked and refused by it, and the README's table
 * is written from it.
 */

export interface Route {
  /** What it does, for people. */
  does: string;
  /** It needs no token. */
  open?: true;
  /** The parameters of its query, with what they are where their names do not say it. */
  query?: Readonly<Record<string, string>>;
  /** It is a page for people, who come from anywhere: other parameters do no harm. */
  anyQuery?: true;
  /** The keys of its body, which is a JSON object or nothing. */
  body?: Readonly<Record<string, string>>;
}

/** Parameters that several routes have. */
const period = {
  since: "a time, or `2h` before now",
  until: "likewise; exclusive",
};
const page = {
  limit: "50, 1 to 200",
  cursor: "of the page before",
};

export const routes = {
  "GET /": { does: "what this is", open: true, anyQuery: true },
  "GET /health": {
    does: 'public: `{"status": "ok" or "degraded", "version", "problems": [sentence, …]}`, a second old at most',
    open: true,
  },
  "GET /api/events": {
    does: "events, newest first",
    query: {
      command: "with `*`",
      conversation: "",
      account: "",
      message: "a key or sequence number: what became of one message",
      text: "in the body",
      state: "`quarantined`, `dead`, `retrying`, `pending`, `delivered`",
      ...period,
      ...page,
    },
  },
  "GET /api/events/:id": {
    does: "one event: body as received, query, what is wrong with it, every delivery with every attempt",
  },
  "POST /api/events/:id/replay": {
    does: 'sends it again: `{"queued"}`',
    body: { destinations: "names; absent: those whose rule it fits" },
  },
  "GET /api/destinations": {
    does: "state, what waits and since when, retries and is dead, last success and error; also those whose rule is wrong or gone, while something waits for them",
  },
  "POST /api/destinations/:name/pause": { does: "sends nothing more; events wait" },
  "POST /api/destinations/:name/resume": {
    does: "goes on, nothing lost; ends what 410 or `Retry-After` began, too",
  },
  "DELETE /api/destinations/:name": {
    does: 'forgets a name that no rule has any more, with what waits for it: `{"forgotten"}`',
  },
  "GET /api/dead-letters": {
    does: "deliveries that were given up, newest event first",
    query: { destination: "", ...page },
  },
  "POST /api/dead-letters/replay": {
    does: 'sends them again: `{"queued"}`, how many will be sent',
    body: {
      destinations: "names; absent: all that can be sent to",
      ids: "of events; absent: all",
    },
  },
  "POST /api/rules/test": {
    does: "which rules fit an event, or how many of the last kept events, and what keeps them from it",
    body: {
      rules: "absent: those of the settings",
      event: "",
      last: "1000, 1 to 5000",
    },
  },
  "GET /api/verdicts/diff": {
    does: "how often a shadow was of the verdict's opinion, and where it was not",
    query: { rule: "", ...period, limit: page.limit },
  },
  "POST /api/verdicts/replay": {
    does: "tries a rule on kept before-callbacks",
    body: { rule: "a name, or a rule", ...period, limit: page.limit },
  },
  "GET /api/stats": {
    does: "what was received, rejected, quarantined, delivered, failed, by the minute; latency; rows written and what else the platform bills",
    query: { minutes: "60, 1 to 1440" },
  },
  "GET /api/commands": { does: "every command with phase, summary, JSON Schema and example" },
  "GET /api/drift": {
    does: "how callbacks differ from what Tencent documents, by command and path: unknown fields, unexpected values",
  },
  "GET /metrics": { does: "all of it for Prometheus" },
} satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;

/** The methods of each path; HEAD is answered wherever GET is. */
export function methodsByPath(): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  for (const name of Object.keys(routes)) {
    const [method, path] = name.split(" ") as [string, string];
    paths.set(path, [...(paths.get(path) ?? []), ...(method === "GET" ? ["GET", "HEAD"] : [method])]);
  }
  return paths;
}
