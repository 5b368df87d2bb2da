/**
 * Replays by range: one row each, however many events it sends again. Every shard has a row of its own for its part.
 * `kind` leaves room for other long jobs that go through the journal with a cursor.
 *
 * A row of `replays`:
 *
 *     id           rpl_mhx3f0a1k9d2q7
 *     kind         replay
 *     destination  audit                    NULL for a kind that has none
 *     request      {"since":…,"until":…,"choice":"all","orderedAt":…,"narrowing":"{}","perSecond":100}
 *     state        running                  or done, cancelled
 *     started      1794160000000            Unix milliseconds
 *     ended        NULL                     likewise
 *     matched      312                      events of this shard that fitted when the replay was ordered
 *     sent         120                      events whose post succeeded
 *     failed       4                        events whose post failed: they are in the retry list, or dead letters
 *     cursor       1837219840000000         events before it were looked at
 *     last         1837219850000000         events from there on are left out
 *     fresh        1837219849000000         events from there on had no attempt at the beginning
 *     underway     [1837219839999744]       positions before the cursor that have no outcome yet
 *     total        1248                     on shard 0: `matched` of all shards; else NULL
 *     untold       [[1,312,0,9]]            on shard 0: shards to be told, with `matched`, first and last position of each
 *     format       1
 *
 * Rows written: begin 1 · while events are sent, 1 a second at most · end or cancel 1 · forget 1.
 */
import { listIn, type Sql } from "../sql.ts";
import type { HandedOrder, ReplayFilter } from "./order.ts";

export type ReplayState = "running" | "done" | "cancelled";

/** A shard that is still to be told, and its part. */
export type Untold = [shard: number, matched: number, first: number, last: number];

export interface ReplayRow extends ReplayFilter {
  id: string;
  perSecond: number;
  state: ReplayState;
  started: number;
  ended: number | null;
  matched: number;
  sent: number;
  failed: number;
  cursor: number;
  last: number;
  fresh: number;
  underway: number[];
  total: number | null;
  untold: Untold[];
}

/** The parts of a row that are one column. */
type Request = Pick<ReplayRow, "since" | "until" | "choice" | "orderedAt" | "narrowing" | "perSecond">;

type Stored = Omit<ReplayRow, keyof Request | "underway" | "untold"> & {
  request: string;
  underway: string;
  untold: string;
};

const kind = "replay";

export class ReplayTable {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS replays (id TEXT PRIMARY KEY, kind TEXT NOT NULL, destination TEXT, request TEXT NOT NULL, state TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER, matched INTEGER NOT NULL, sent INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0, cursor INTEGER NOT NULL, last INTEGER NOT NULL, fresh INTEGER NOT NULL, underway TEXT NOT NULL DEFAULT '[]', total INTEGER, untold TEXT NOT NULL DEFAULT '[]', format INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID",
    );
  }

  /** All replays, the oldest first. */
  all(): ReplayRow[] {
    return this.#sql
      .exec<Stored & Record<string, string | number | null>>(
        "SELECT id, destination, request, state, started, ended, matched, sent, failed, cursor, last, fresh, underway, total, untold FROM replays WHERE kind = ? ORDER BY started, id",
        kind,
      )
      .toArray()
      .flatMap(({ request, underway, untold, ...row }) => {
        const [read] = listIn<Request>(`[${request}]`);
        // Without its request a replay is none: no event waits for it.
        if (!read) return [];
        return { ...row, ...read, underway: listIn<number>(underway), untold: listIn<Untold>(untold) };
      });
  }

  /** Adds a row, or writes it anew. */
  write(row: ReplayRow): void {
    const { since, until, choice, orderedAt, narrowing, perSecond } = row;
    const request: Request = { since, until, choice, orderedAt, narrowing, perSecond };
    this.#sql.exec(
      "INSERT OR REPLACE INTO replays (id, kind, destination, request, state, started, ended, matched, sent, failed, cursor, last, fresh, underway, total, untold) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      row.id,
      kind,
      row.destination,
      JSON.stringify(request),
      row.state,
      row.started,
      row.ended,
      row.matched,
      row.sent,
      row.failed,
      row.cursor,
      row.last,
      row.fresh,
      JSON.stringify(row.underway),
      row.total,
      JSON.stringify(row.untold),
    );
  }

  remove(id: string): void {
    this.#sql.exec("DELETE FROM replays WHERE id = ?", id);
  }
}

/** The row with which a shard begins its part. @param fresh see the table */
export function newRow(order: HandedOrder, fresh: number, now: number): ReplayRow {
  const { first, cancelled, ...rest } = order;
  const ended = cancelled || order.matched === 0;
  return {
    ...rest,
    state: cancelled ? "cancelled" : ended ? "done" : "running",
    ended: ended ? now : null,
    sent: 0,
    failed: 0,
    cursor: first,
    fresh,
    underway: [],
    total: null,
    untold: [],
  };
}
