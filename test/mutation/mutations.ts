/**
 * Mistakes made on purpose, each in one place of the code. A suite that finds them would find a mistake like them.
 * `code` occurs once in `file`, a path below `src`; `instead` takes its place.
 */

export interface Mutation {
  /** The mistake, in a few words. */
  name: string;
  file: string;
  code: string;
  instead: string;
}

/** Mistakes in the shard, which the simulation finds. */
export const mutations: readonly Mutation[] = [
  {
    name: "events under way are not resumed after a restart",
    file: "shard/pump/cursor.ts",
    code: "this.#resumed = start.underway.filter((position) => !this.#skip.has(position));",
    instead: "this.#resumed = [];",
  },
  {
    name: "the recorded cursor forgets the events under way",
    file: "shard/pump/cursor.ts",
    code: "underway: short ? underway : [],",
    instead: "underway: [],",
  },
  {
    name: "a conversation has several posts under way",
    file: "shard/pump/cursor.ts",
    code: "if (conversation === null || !this.#lanes.has(conversation) || joining.has(conversation))",
    instead: "if (conversation === null || entry.position >= 0)",
  },
  {
    name: "a blocked conversation is not passed by",
    file: "shard/pump/cursor.ts",
    code: "return from === null || position < from;",
    instead: "return from === null || position >= 0;",
  },
  {
    name: "quarantined events are sent",
    file: "shard/pump/cursor.ts",
    code: "return isForwardable(event) && this.#options.rule.matches(event);",
    instead: "return (isForwardable(event) || event.size >= 0) && this.#options.rule.matches(event);",
  },
  {
    name: "a failed first attempt blocks no conversation",
    file: "shard/pump/settlement.ts",
    code: "blocks: ordered && first,",
    instead: "blocks: false,",
  },
  {
    name: "of a failed batch only the first event is tried again",
    file: "shard/pump/settlement.ts",
    code: "positions: tried,\n    due:",
    instead: "positions: tried.slice(0, 1),\n    due:",
  },
  {
    name: "an event is given up without a row",
    file: "shard/pump/outcome-rows.ts",
    code: "settled.add({ ...delivery, state: kind, at, attempts: all });",
    instead: 'if (kind !== "dead") settled.add({ ...delivery, state: kind, at, attempts: all });',
  },
  {
    name: "a retry stays in the list after its success",
    file: "shard/pump/outcome-rows.ts",
    code: "if (retry) retries.remove(retry);\n    const at",
    instead: "const at",
  },
  {
    name: "a delivery is noted before its answer has come",
    file: "shard/pump/dispatcher.ts",
    code: "const outcome = await this.#post(job);",
    instead: "const outcome = { ...(await this.#post(job)), delivered: true, status: 200 };",
  },
  {
    name: "a delivery note is dropped when its row cannot be written",
    file: "shard/journal/progress.ts",
    code: "this.#delivered.unshift(...delivered, ...unpacked(batches));",
    instead: "this.#delivered = [];",
  },
  {
    name: "a record that was lost is not written whole again",
    file: "shard/journal/progress-encoder.ts",
    code: "this.#rows = wholeEvery;\n    this.#counters = this.#countersBefore;",
    instead: "",
  },
  {
    name: "progress gets no row of its own",
    file: "shard/journal/progress.ts",
    code: "() => void this.tryWrite()",
    instead: "() => {}",
  },
  {
    name: "posts that share a call are told each other's outcomes",
    file: "shard/pump/shared-calls.ts",
    code: "open.get(index)!.resolve(outcome);",
    instead: "[...open.values()].at(-1)!.resolve(outcome);",
  },
  {
    name: "slow posts that share a call are never told their outcomes",
    file: "shard/pump/partial-outcomes.ts",
    code: "left.size > 0 ? () => partialOutcomes(left, timer) : null",
    instead: "null",
  },
  {
    name: "fingerprints are not loaded at the start",
    file: "shard/append/intake.ts",
    code: "this.#recent.load(fingerprints, at);",
    instead: "void [fingerprints, at];",
  },
  {
    name: "an append that failed is remembered as kept",
    file: "shard/append/recent.ts",
    code: "await keeping;\n      this.load(fingerprints, now);",
    instead: "this.load(fingerprints, now);\n      await keeping;",
  },
  {
    name: "an append resolves although its row failed",
    file: "shard/append/group-commit.ts",
    code: "for (const { reject } of waiting) reject(error);",
    instead: "for (const { resolve } of waiting) resolve();\n      void error;",
  },
  {
    name: "an append resolves before it is written",
    file: "shard/append/group-commit.ts",
    code: "if (!this.#busy) this.#working = this.#work();\n    return promise;",
    instead:
      "if (!this.#busy) this.#working = this.#work();\n    promise.catch(() => {});\n    return Promise.resolve();",
  },
  {
    name: "the position does not grow when the clock is set back",
    file: "shard/journal/position.ts",
    code: "return Math.max(last + 1, Math.floor(now) * perMillisecond);",
    instead: "return Math.max(0, Math.floor(now) * perMillisecond + (last % 7));",
  },
  {
    name: "the alarm is not set while work is left",
    file: "shard/watchdog.ts",
    code: "if (this.#stages.some(({ unfinished }) => unfinished)) this.#schedule.alarmBy(now + watchdogMs);",
    instead: "void watchdogMs;",
  },
  {
    name: "the alarm is thought to be set after it has fired",
    file: "shard/schedule.ts",
    code: "this.#alarmAt = null;\n  }",
    instead: "}",
  },
  {
    name: "a shard that missed a decision is not notified again",
    file: "shard/cluster/coordinator.ts",
    code: 'const missed = pending.filter((_, index) => notified[index]!.status === "rejected");',
    instead: "const missed: number[] = [];\n    void notified;",
  },
  {
    name: "a decision holds in memory before its row is written",
    file: "shard/cluster/cluster-copy.ts",
    code: "const changes = pending.join() !== this.#pending.join();",
    instead: "this.#state = state;\n    const changes = pending.join() !== this.#pending.join();",
  },
  {
    name: "a follower in the retry list is not released",
    file: "shard/pump/retry-list.ts",
    code: "for (const position of retry.positions) this.#release(retry.destination, position);",
    instead: "",
  },
  {
    name: "the retry list does not hear of an earlier entry",
    file: "shard/pump/retry-list.ts",
    code: "if (known !== undefined && at < known) this.#earliest.set(destination, at);",
    instead: "void [known, at];",
  },
  {
    name: "a catch-up moves on without its failed event",
    file: "shard/pump/backlog.ts",
    code: "const block = conversation !== null && ordered && blocks(position);",
    instead: "const block = catchingUp === null && conversation !== null && ordered && blocks(position);",
  },
  {
    name: "a day is dropped without counting its retries",
    file: "shard/retention.ts",
    code: "this.#addLost(retries.dropBefore(end));",
    instead: "retries.dropBefore(end);",
  },
  {
    name: "a day is dropped before it is over",
    file: "shard/retention.ts",
    code: "kept = this.#retentionMs): boolean {",
    instead: "kept = 0): boolean {",
  },
  {
    name: "a replay adds an entry beside the one that waits",
    file: "shard/pump/interventions.ts",
    code: "if (!tables.retries.renew(this.#destination, position, now, replay))\n      this.requeueEnded(position, now, replay);",
    instead: "this.requeueEnded(position, now, replay);",
  },
  {
    name: "a paused destination is sent to",
    file: "shard/cluster/coordinator.ts",
    code: "return this.uninitialized || paused.includes(destination) || disabled.includes(destination);",
    instead: "return this.uninitialized || disabled.includes(destination) || paused.length < 0;",
  },
  {
    name: "events read before their conversation was blocked are forgotten",
    file: "shard/pump/catch-up.ts",
    code: "for (const position of behind) if (position < this.#readTo) this.#push(queue, position);",
    instead: "void behind;",
  },
  {
    name: "a blocked conversation is read on from its failed event",
    file: "shard/pump/blocked.ts",
    code: "position: Math.max(before?.position ?? 0, positions.at(-1)! + 1),",
    instead: "position: positions.at(-1)!,",
  },
  {
    name: "each shard tells by itself",
    file: "shard/relay/relay.ts",
    code: "this.#publisher = index === 0 ? new Publisher",
    instead: "this.#publisher = index >= 0 ? new Publisher",
  },
  {
    name: "a difference is told each time that it is met",
    file: "shard/append/drift.ts",
    code: "if (!before && !this.#knows(difference) && !fresh.some((one) => isSame(one, difference)))",
    instead: "if (difference)",
  },
  {
    name: "what was told is forgotten at a restart",
    file: "shard/relay/relay.ts",
    code: "new Herald(retentionMs, recorded?.herald)",
    instead: "new Herald(retentionMs)",
  },
  {
    name: "what a shard has found is forgotten at a restart",
    file: "shard/relay/relay.ts",
    code: "new Findings(recorded?.findings)",
    instead: "new Findings()",
  },
  {
    name: "a report that is repeated counts again",
    file: "shard/relay/herald.ts",
    code: "if (number <= (heard[shard]?.number ?? 0)) return;",
    instead: "",
  },
  {
    name: "a report that was not heard is not repeated",
    file: "shard/relay/findings.ts",
    code: "if (sealed) return sealed;",
    instead: "void sealed;",
  },
  {
    name: "the row of relay events does not record that they were told",
    file: "shard/relay/publisher.ts",
    code: "this.#roles.record.changed();\n    try {",
    instead: "try {",
  },
  {
    name: "relay events that could not be written are dropped",
    file: "shard/relay/publisher.ts",
    code: "this.#herald.putBack(tellings);",
    instead: "",
  },
  {
    name: "a minute of relay events ends at once",
    file: "shard/relay/herald.ts",
    code: "Math.max(since + minuteMs, before",
    instead: "Math.max(since, before",
  },
  {
    name: "a destination of relay events alone is told of",
    file: "shard/relay/mute.ts",
    code: "return rule !== undefined && hearsOnlyRelay(rule);",
    instead: "return rule === undefined && hearsOnlyRelay({ on: null });",
  },
  {
    name: "a resume does not end a hold",
    file: "shard/pump/pump.ts",
    code: "this.#admission.close();\n    this.#roles.progress.changed();",
    instead: "",
  },
  {
    name: "a replay forgets the events under way at a restart",
    file: "shard/replay/reader.ts",
    code: "this.#resumed = row.underway.toSorted((a, b) => a - b);",
    instead: "this.#resumed = [];",
  },
  {
    name: "a replay's row leaves the events under way out",
    file: "shard/replay/replays.ts",
    code: "else row.underway = this.#readers.get(row.id)?.underway ?? row.underway;",
    instead: "else row.underway = [];",
  },
  {
    name: "a replay sends events that wait for their first attempt",
    file: "shard/replay/reader.ts",
    code: "if (deliveries.waits(position, event)) {",
    instead: "if (deliveries.waits(position, event) && position < 0) {",
  },
  {
    name: "a replay forgets the events that it leaves to their first attempts",
    file: "shard/replay/reader.ts",
    code: "this.#awaited.add(position);\n      return true;",
    instead: "return true;",
  },
  {
    name: "a replay takes events that were delivered before a restart for waiting",
    file: "shard/pump/backlog.ts",
    code: "return Math.max(this.#cursor.position, this.#triedTo);",
    instead: "return this.#cursor.position;",
  },
  {
    name: "a replay takes events that were given up before their first attempt for waiting",
    file: "shard/replay/reader.ts",
    code: "return !this.#tables.settled.isDeadSince({ position, destination }, orderedAt);",
    instead: "return orderedAt > 0;",
  },
  {
    name: "a replay to a new name does not record the name",
    file: "shard/journal/progress.ts",
    code: "if (this.#tracked.unrecorded && this.#wroteAt === 0) this.write();",
    instead: "if (this.#tracked.unrecorded && this.#wroteAt < 0) this.write();",
  },
  {
    name: "a replay's progress is not written",
    file: "shard/replay/replays.ts",
    code: "if (row) this.#write(row);\n        this.#changed.delete(id);",
    instead: "this.#changed.delete(id);\n        void row;",
  },
  {
    name: "an erased event is sent again by a replay",
    file: "shard/replay/order.ts",
    code: "if (erased || receivedAt < since",
    instead: "if (receivedAt < since",
  },
  {
    name: "a viewer is not shown events between two batches that are apart",
    file: "shard/tail/viewers.ts",
    code: "if (live && viewer.reached(shard) < batch.from) viewer.fallBehind(shard);",
    instead: "void live;",
  },
  {
    name: "a viewer is shown events of a batch that it has read in the journal",
    file: "shard/tail/viewers.ts",
    code: "(!behind && position >= from)",
    instead: "!behind",
  },
  {
    name: "a shard forgets its viewers when it is evicted",
    file: "shard/tail/interest.ts",
    code: "if (changes) this.#metadata?.write({ watched });",
    instead: "void this.#metadata;",
  },
  {
    name: "an erasure does not go on after a crash",
    file: "shard/runner.ts",
    code: "this.#run.eraser.wake();\n",
    instead: "\n",
  },
  {
    name: "an erasure ends after its first turn",
    file: "shard/erase/eraser.ts",
    code: "...(ended && { account: null, ended: this.#clock.now() }),",
    instead: "account: null,\n        ended: this.#clock.now(),",
  },
  {
    name: "an event is erased while a post carries it",
    file: "shard/erase/eraser.ts",
    code: "if (those.some((entry) => this.#isCarried(entry))) {",
    instead: "if (those.length < 0 && this.#isCarried(those[0]!)) {",
  },
  {
    name: "deliveries of an erased event are not given up",
    file: "shard/erase/eraser.ts",
    code: "for (const destination of this.#destinations.all.values()) destination.giveUp(entry, now);",
    instead: "void now;",
  },
  {
    name: "an erasure does not record the deliveries that memory alone knows of",
    file: "shard/erase/eraser.ts",
    code: "if (found.length > 0) progress.write();",
    instead: "void progress;",
  },
  {
    name: "a shard that missed an order is not told again",
    file: "shard/cluster/orders.ts",
    code: "const left = untold.filter((part) => !told.has(part));",
    instead: "const left: Untold[] = [];",
  },
  {
    name: "shards are not told of a listener after a restart of shard 0",
    file: "shard/presence.ts",
    code: "this.#change(arrivals);",
    instead: "this.#arrivals = arrivals;",
  },
  {
    name: "a shard does not believe that no listener is there",
    file: "shard/presence.ts",
    code: "const { [destination]: _, ...others } = this.#arrivals;\n    this.#arrivals = others;\n    this.look();",
    instead: "void destination;",
  },
  {
    name: "a listener does not hear that another one has taken over",
    file: "shard/listen/listeners.ts",
    code: "trySend(older, replacedFrame);",
    instead: "void replacedFrame;",
  },
  {
    name: "an answer that a listener left without counts as a delivery",
    file: "shard/listen/listeners.ts",
    code: 'for (const exchange of [...listener.exchanges]) exchange.end({ kind: "left" });',
    instead:
      'for (const exchange of [...listener.exchanges]) exchange.end({ kind: "answered", answer: { status: 200, headers: {}, body: "" } });',
  },
  {
    name: "a listener may send wrong frames for ever",
    file: "shard/listen/listeners.ts",
    code: "if (++listener.mistakes < mistakesInARow) return;",
    instead: "if (++listener.mistakes > 0) return;",
  },
  {
    name: "a listener does not hear of a wrong frame",
    file: "shard/listen/listeners.ts",
    code: 'trySend(listener, errorFrame("bad_frame", mistake));',
    instead: "void errorFrame;",
  },
  {
    name: "an answer with another id counts",
    file: "shard/listen/listeners.ts",
    code: "const asked = [...exchanges].filter((exchange) => exchange.id === id);",
    instead: "const asked = [...exchanges].filter(() => id.length > 0);",
  },
  {
    name: "an ask waits until it is known whether its listener is gone",
    file: "shard/listen/listeners.ts",
    code: 'const wait = request.kind === "event" ? this.#doubtMs(listener, sentAt) : 0;',
    instead: "const wait = this.#doubtMs(listener, sentAt);",
  },
  {
    name: "an ask waits for a listener that is not there",
    file: "shard/listen/listeners.ts",
    code: 'if (this.stopped || !listener || !this.#lives(listener)) return Promise.resolve({ kind: "unsent" });',
    instead:
      'if (!listener) return new Promise((resolve) => { this.#clock.after(request.deadlineMs, () => resolve({ kind: "late" })); });\n    if (this.stopped || !this.#lives(listener)) return Promise.resolve({ kind: "unsent" });',
  },
  {
    name: "of a batch that a listener left only the first event is tried again",
    file: "shard/pump/settlement.ts",
    code: "const tried = retained.filter((position) => !skipped.includes(position));",
    instead:
      'const tried = retained.filter((position, index) => !skipped.includes(position) && !(index > 0 && outcome.missed === "left"));',
  },
  {
    name: "a poll gets events of a conversation of which another poll has some",
    file: "shard/pump/letters.ts",
    code: "const free = letters.filter((one) => !this.#isTaken(one) && !taken.has(conversationOf(one)));",
    instead: "const free = letters.filter((one) => !this.#isTaken(one));",
  },
  {
    name: "a poll gets its events in the order in which they were read",
    file: "shard/pump/letters.ts",
    code: "const sorted = letters.toSorted((a, b) => a.key - b.key);",
    instead: "const sorted = letters.toSorted((a, b) => b.key - a.key);",
  },
];
