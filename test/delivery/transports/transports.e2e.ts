/** All transports in all situations: each does by its own means what the page of rules promises of every destination. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { labelsOf, numbered } from "../../support/callbacks.ts";
import { until } from "../../support/until.ts";
import { type Arrived, type Kind, kinds, type Place, startPlaces } from "./places.ts";

/** The errors of attempts that fail; null: an event that is not taken is offered again, and that is no attempt. */
const failures: Readonly<Record<Kind, { refused: RegExp; late: RegExp } | null>> = {
  https: { refused: /^answered 500$/, late: /^no answer after \d+ ms$/ },
  service: { refused: /^answered 500$/, late: /^no answer after \d+ ms$/ },
  queue: { refused: /^the queue failed: out of order$/, late: /^no answer after \d+ ms$/ },
  r2: { refused: /^the bucket failed: out of order$/, late: /^no answer after \d+ ms$/ },
  listener: { refused: /^answered 500$/, late: /^no answer after \d+ ms$/ },
  poll: null,
};

const patient = { timeoutMs: 10_000, retry: ["100ms"] };
const persistent = { timeoutMs: 30_000, retry: Array.from({ length: 20 }, () => "200ms") };
const impatient = { ...persistent, timeoutMs: 1_500 };

/** The situations, with the keys of the rule in each. */
const variants = {
  success: patient,
  failure: persistent,
  timeout: impatient,
  breaker: { timeoutMs: 30_000, retry: [], concurrency: 1 },
  batch: { batch: { size: 3, ms: 30_000 } },
  order: { ...persistent, order: "conversation" },
  replay: patient,
  test: patient,
  pause: patient,
};

const { gateway, place } = await startPlaces(variants);

/** Resolves with all labels as soon as so many events have arrived. */
async function labels(at: Place, count: number): Promise<(string | null)[]> {
  const arrived = await until(`${count} events have arrived at ${at.name}`, async () => {
    const all = await at.arrived();
    return all.length >= count && all;
  });
  return arrived.map(({ platform }) => platform);
}

const send = (at: Place, ...names: string[]) =>
  gateway.sendAll(names.map((name) => ({ label: `${at.name} ${name}`, group: at.name })));

/** Resolves with the errors of the attempts at the first event that has arrived, as soon as it is delivered. */
async function errors(at: Place): Promise<(string | null)[]> {
  const [{ id }] = (await at.arrived()) as [Arrived];
  const { attempts } = await until("it is delivered", async () => {
    const { deliveries } = await gateway.event(id);
    return deliveries.find(({ destination, state }) => destination === at.name && state === "delivered");
  });
  return attempts.map(({ error }) => error);
}

/** An event that is not taken at first comes again, after an attempt that says why, or after none. */
async function comesAgain(at: Place, conduct: Place["conduct"], expected: RegExp | undefined): Promise<void> {
  at.conduct = conduct;
  await send(at, "one");
  await until("it is offered", () => at.offers() > 0);
  at.conduct = "takes";
  assert.deepEqual(await labels(at, 1), [`${at.name} one`]);
  const said = await errors(at);
  if (expected === undefined) return assert.deepEqual(said, [null]);
  assert.match(said[0]!, expected);
  // On a busy machine further attempts may have failed before the place took it.
  assert.equal(said.at(-1), null);
}

const situations: Record<keyof typeof variants, (at: Place, kind: Kind) => Promise<void>> = {
  async success(at) {
    await send(at, "one");
    assert.deepEqual(await labels(at, 1), [`${at.name} one`]);
    assert.deepEqual(await errors(at), [null]);
  },

  failure: (at, kind) => comesAgain(at, "refuses", failures[kind]?.refused),

  timeout: (at, kind) => comesAgain(at, "hangs", failures[kind]?.late),

  async breaker(at, kind) {
    at.conduct = "refuses";
    const names = labelsOf(numbered("", 12));
    await send(at, ...names);
    if (failures[kind] === null) {
      await until("all are offered twice", () => at.offers() > 1);
      assert.equal((await gateway.destination(at.name)).state, "up");
      at.conduct = "takes";
      assert.equal((await labels(at, 12)).length, 12);
      return;
    }
    const { dead, waiting } = await until("its breaker is open", async () => {
      const destination = await gateway.destination(at.name);
      return destination.state === "open" && destination.dead >= 10 && destination;
    });
    at.conduct = "takes";
    // On a busy machine a probe may have come by now.
    assert.deepEqual([dead + waiting, Math.min(at.offers(), 11)], [12, at.offers()]);
    await gateway.resume(at.name);
    const { dead: lost } = await gateway.destinationIs(at.name, { state: "up", waiting: 0 });
    const left = names.slice(lost).map((name) => `${at.name} ${name}`);
    assert.deepEqual(await labels(at, left.length), left);
  },

  async batch(at, kind) {
    if (kind === "poll") {
      const rule = { name: at.name, url: "poll:", ...variants.batch };
      const { error } = await gateway.post("/api/rules/test", { rules: [rule], last: 1 }, 400);
      assert.match(error.message, /does not go with "url": "poll:", whose polls have a limit/);
      return;
    }
    await send(at, "one", "two", "three");
    assert.deepEqual(await labels(at, 3), [`${at.name} one`, `${at.name} two`, `${at.name} three`]);
    assert.equal(at.offers(), 1);
  },

  async order(at) {
    at.conduct = "refuses";
    await send(at, "one", "two", "three");
    await until("the first is offered", () => at.offers() > 0);
    assert.deepEqual(await at.arrived(), []);
    at.conduct = "takes";
    assert.deepEqual(await labels(at, 3), [`${at.name} one`, `${at.name} two`, `${at.name} three`]);
  },

  async replay(at) {
    await send(at, "one");
    await labels(at, 1);
    await errors(at);
    const [{ id }] = (await at.arrived()) as [Arrived];
    await gateway.post(`/api/events/${id}/replay`, {}, 202);
    assert.deepEqual(await labels(at, 2), [`${at.name} one`, `${at.name} one`]);
    assert.deepEqual(
      (await at.arrived()).map((one) => one.id),
      [id, id],
    );
  },

  async test(at) {
    const outcome = await gateway.post(`/api/destinations/${at.name}/test`, {}, 200);
    assert.deepEqual([outcome.error, outcome.response], [null, null]);
    await labels(at, 1);
    assert.deepEqual(
      (await at.arrived()).map(({ type }) => type),
      ["Relay.Test"],
    );
  },

  async pause(at) {
    await gateway.pause(at.name);
    await send(at, "one");
    await gateway.destinationIs(at.name, { state: "paused", waiting: 1 });
    assert.equal(at.offers(), 0);
    await gateway.resume(at.name);
    assert.deepEqual(await labels(at, 1), [`${at.name} one`]);
  },
};

describe("every transport in every situation", { concurrency: 12 }, () => {
  for (const kind of kinds)
    for (const [variant, situation] of Object.entries(situations))
      test(`${kind}: ${variant}`, async () => {
        const at = place(kind, variant as keyof typeof variants);
        await at.open();
        await situation(at, kind);
      });
});
