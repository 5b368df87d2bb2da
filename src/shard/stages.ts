/**
 * A shard's stages and how they are joined: receive → append → pump → deliver → settle. Each stage is given the stages
 * that come after it; only the timer of the schedule calls back.
 */

import type { Config } from "../config.ts";
import { DriftReport } from "./append/drift.ts";
import { Intake } from "./append/intake.ts";
import { Misfits } from "./append/misfits.ts";
import type { Clock } from "./clock.ts";
import { ClockSteps } from "./clock-steps.ts";
import { ClockSkew } from "./cluster/clock-skew.ts";
import { Coordinator, type Peer } from "./cluster/coordinator.ts";
import { ShardMetadata } from "./cluster/metadata.ts";
import { OpenAskBreakers } from "./cluster/open-ask-breakers.ts";
import { Eraser } from "./erase/eraser.ts";
import { OrderTable } from "./erase/order-table.ts";
import { ErasureOrders, type ErasurePeer } from "./erase/orders.ts";
import { ErasureTable } from "./erase/table.ts";
import { ShardHealth } from "./health.ts";
import { Journal } from "./journal/journal.ts";
import { timeOf } from "./journal/position.ts";
import { Progress } from "./journal/progress.ts";
import type { Report } from "./journal/relay-record.ts";
import { arrivalsOf, Listeners, type Pings } from "./listen/listeners.ts";
import { Meter, metered } from "./meter.ts";
import { Presence, type PresencePeer } from "./presence.ts";
import { Destinations } from "./pump/destinations.ts";
import { RetryList } from "./pump/retry-list.ts";
import { type Network, Sender } from "./pump/sender.ts";
import { SettledDeliveries } from "./pump/settled.ts";
import { Deliveries } from "./query/deliveries.ts";
import { EventQueries } from "./query/event-queries.ts";
import { Exports } from "./query/export.ts";
import { Pace } from "./query/pace.ts";
import { ReceivingRate } from "./receiving-rate.ts";
import { ExpiringDestinations } from "./relay/expiry-watch.ts";
import { Relay } from "./relay/relay.ts";
import { ReplayHealth } from "./replay/health.ts";
import { ReplayOrders, type ReplayPeer } from "./replay/orders.ts";
import { Replays } from "./replay/replays.ts";
import { ReplayTable } from "./replay/table.ts";
import { Replay } from "./replay.ts";
import { Retention } from "./retention.ts";
import { RetryNow } from "./retry-now.ts";
import { withoutOldRules } from "./rule-counters.ts";
import { Runner } from "./runner.ts";
import { type AlarmStorage, Schedule } from "./schedule.ts";
import { type ObjectState, type ObjectStorage, ShardStorage } from "./storage.ts";
import { mustNotBeForeign } from "./storage-fault.ts";
import { TailFeed } from "./tail/feed.ts";
import { Interest } from "./tail/interest.ts";
import { TailPages } from "./tail/page.ts";
import { Tail, type TailPeer } from "./tail/tail.ts";
import type { Socket } from "./tail/viewer.ts";
import { Viewers } from "./tail/viewers.ts";
import { Watchdog } from "./watchdog.ts";

/** The time over which the events are counted that come beside deliveries. Milliseconds. */
const receivingMeasuredMs = 500;

/** The object that a shard runs in. */
export interface Host {
  /** The shard's index. */
  readonly index: number;
  /** The version of the gateway, which posts say. */
  readonly version: string;
  readonly state: ObjectState & { readonly storage: ObjectStorage & AlarmStorage };
  /** POSTs from the object itself. */
  readonly post: Network["post"];
  /** POSTs through a stateless entrypoint. */
  readonly courier: Network["courier"];
  /** Another shard, or this one, in an invocation of its own. */
  shard(index: number): Peer &
    ReplayPeer &
    ErasurePeer &
    TailPeer &
    PresencePeer & {
      drain(): Promise<void>;
      report(shard: number, report: Report): Promise<void>;
    };
  /** Connections of a kind, also from before an eviction. */
  sockets(kind: "viewer" | "listener"): readonly Socket[];
  readonly pings: Pings;
}

export type Stages = ReturnType<typeof stagesOf>;

export function stagesOf(host: Host, config: Config, clock: Clock) {
  const { index, state } = host;
  const meter = new Meter();
  const sql = metered(state.storage.sql, meter);
  const schedule = new Schedule(state.storage, clock, meter, () => runner.drain());
  const storage = new ShardStorage(index, state.storage, state, schedule, clock);
  mustNotBeForeign(sql);

  const metadata = new ShardMetadata(sql);
  const journal = new Journal(sql, metadata);
  const retries = new RetryList(sql);
  const settled = new SettledDeliveries(sql);
  const clockSkew = new ClockSkew(metadata);
  const drift = new DriftReport(sql);
  const misfits = new Misfits(sql, journal.days);

  const recorded = journal.latestProgress();
  const named = new Set<string | null>([
    ...Object.keys(recorded.destinations),
    ...config.rules.listed.map(({ name }) => name),
  ]);
  meter.add(withoutOldRules(recorded.counters ?? {}, (rule) => named.has(rule)));
  const seenAt = recorded.at ?? timeOf(Math.max(0, journal.end - 1));
  const progress = new Progress(journal, storage, meter, clock, recorded.counters ?? {}, seenAt);

  const peers = {
    shard(other: number) {
      meter.count("shardRequests");
      return host.shard(other);
    },
  };
  const coordinator = new Coordinator(
    { index, configured: config.shards, version: host.version },
    metadata,
    peers,
    schedule,
    state,
    clock,
  );
  const network: Network = {
    post: (message) => host.post(message),
    courier: host.courier,
    drain: () => peers.shard(index).drain(),
    waitUntil: (promise) => state.waitUntil(promise),
  };
  // Viewers are connected to shard 0.
  const feed = new TailFeed(
    journal,
    new Interest(index === 0 ? null : metadata),
    { take: (batch) => (index === 0 ? tail.take(0, batch) : peers.shard(0).feed(index, batch)) },
    clock,
  );
  const relay = new Relay(
    index,
    config.rules,
    config.retentionMs,
    recorded.relay,
    { progress, schedule, cluster: coordinator, drift, storage, peers, state },
    clock,
  );
  const sockets = { listeners: host.sockets("listener"), viewers: host.sockets("viewer") };
  const presence = new Presence(
    index,
    config.rules,
    arrivalsOf(sockets.listeners),
    { peers, cluster: coordinator, schedule, state },
    clock,
  );
  const listeners = new Listeners(sockets.listeners, host.pings, presence, clock);
  const sender = new Sender(network, progress, storage, schedule, clock);
  const receiving = new ReceivingRate(meter, clock, receivingMeasuredMs);
  const replays = new Replays(
    new ReplayTable(sql),
    { journal, retries, settled },
    progress,
    storage,
    coordinator,
    clock,
  );
  const destinations = new Destinations(
    config.rules,
    recorded.destinations,
    { sql, journal, retries, settled },
    storage,
    {
      sender,
      schedule,
      progress,
      meter,
      receiving,
      cluster: coordinator,
      tail: feed,
      replays,
      relay,
      presence,
    },
    clock,
  );
  progress.track(destinations, relay);

  const retention = new Retention(
    { journal, retries, settled, misfits, progress },
    destinations,
    relay,
    storage,
    clock,
    config.retentionMs,
  );
  const eraser = new Eraser(
    { erasures: new ErasureTable(sql), journal, retries, settled, drift, replays, progress },
    destinations,
    storage,
    schedule,
    clock,
  );
  const erasureOrders = new ErasureOrders(
    new OrderTable(sql, storage),
    { eraser, peers, schedule, cluster: coordinator },
    clock,
  );
  const orders = new ReplayOrders(
    replays,
    { peers, pumps: destinations.pumps, schedule, cluster: coordinator },
    clock,
  );
  const retryNow = new RetryNow({ destinations, retries, metadata, progress, schedule }, storage, clock);
  const expiry = new ExpiringDestinations(
    { rules: config.rules, journal, destinations, retries: retries.rows },
    config.retentionMs,
  );
  const watchdog = new Watchdog(
    clock,
    schedule,
    [retention, expiry],
    [progress, coordinator, destinations, replays, orders, eraser, erasureOrders, retryNow, relay, presence],
    expiry.soonestMs,
  );
  const clockSteps = new ClockSteps(clock, destinations, storage, progress, schedule);
  const intake = new Intake(
    { journal, progress, misfits, drift, clockSkew },
    storage,
    { destinations, schedule, watchdog, tail: feed, relay },
    clockSteps,
    meter,
    clock,
  );

  relay.join(intake, expiry);
  const runner: Runner = new Runner(
    { clockSteps, sender, destinations, eraser, relay, watchdog, storage },
    { schedule, retention, coordinator, presence, orders, erasureOrders, retryNow, meter },
  );

  const queried = { journal, retries, settled, progress, clockSkew };
  const deliveries = new Deliveries(queried, destinations.pumps);
  const events = new EventQueries(queried, deliveries, clock);
  const exports = new Exports(queried, deliveries, new Pace(meter, clock), clock);
  feed.askFrom(events);
  const pages = new TailPages(journal, events, clockSkew, clock);
  const tail: Tail = new Tail(
    new Viewers(sockets.viewers, clock),
    { feed, pages },
    peers,
    coordinator,
    clock,
    config.retentionMs,
  );
  const replay = new Replay({ destinations, settled, journal, events, progress }, storage, schedule, clock);
  const health = new ShardHealth(storage, journal.damaged, progress, coordinator, intake, clock);
  const replayHealth = new ReplayHealth(replays, destinations, coordinator);
  return {
    clockSkew,
    coordinator,
    destinations,
    drift,
    eraser,
    erasureOrders,
    events,
    exports,
    feed,
    health,
    intake,
    journal,
    listeners,
    meter,
    misfits,
    openAskBreakers: new OpenAskBreakers(),
    orders,
    pages,
    presence,
    progress,
    relay,
    replay,
    replayHealth,
    replays,
    retention,
    retries,
    retryNow,
    runner,
    schedule,
    sender,
    settled,
    storage,
    tail,
  };
}
