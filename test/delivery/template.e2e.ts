/** Templates, judged answers and samples at a running gateway. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bodyOf } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { type Answer, reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const code = (value: number): Answer =>
  reply(200, { "content-type": "application/json" }, `{"code":${value}}`);
const succeeds = { body: { code: [0] } };

describe("a running gateway", { concurrency: 3 }, () => {
  test("judges the answers of many posts at once, from the object and from the entrypoint", async () => {
    const held: (() => void)[] = [];
    const receiver = await startReceiver((response, request) => {
      held.push(() => code(1)(response, request));
      // More at once than an object may have connections: some of these posts came through the entrypoint.
      if (held.length === 10) for (const answer of held) answer();
    });
    const gateway = await startGateway({
      FORWARD_RULES: ["a", "b"].map((name) => ({ name, url: receiver.url, succeeds, retry: [] })),
    });
    await gateway.sendAll(Array.from({ length: 5 }, (_, index) => ({ label: `event-${index}` })));
    const dead = await until("all are dead letters", async () => {
      const dead = await gateway.deadLetters();
      return dead.length === 10 && dead;
    });
    const error = "answered 200, but body.code is 1, and should be 0";
    assert.deepEqual([...new Set(dead.map((one) => one.error))], [error]);
    assert.deepEqual(
      (await gateway.destinations()).map(({ state, failed }) => [state, failed]),
      [
        ["up", 5],
        ["up", 5],
      ],
    );
  });

  test("tells the test of a destination, and hides the answer from a caller that sees metadata", async () => {
    const receiver = await startReceiver(code(7));
    const gateway = await startGateway({
      READ_TOKEN: "read-token",
      FORWARD_RULES: [
        {
          name: "room",
          url: receiver.url,
          template: { text: "{{command}} {{body.destination}}" },
          succeeds,
          retry: [],
        },
      ],
    });
    const tested = await gateway.post("/api/destinations/room/test", {}, 200);
    const error = "answered 200, but body.code is 7, and should be 0";
    assert.deepEqual([tested.status, tested.error, tested.response], [200, error, '{"code":7}']);
    assert.equal(receiver.received[0]!.body, '{"text":"Relay.Test room"}');
    await gateway.sendLabelled({ label: "one" });
    await gateway.delivery("one", "room", "dead");
    const listed = await gateway.request("/api/destinations", { token: "read-token" });
    const [room] = (await listed.json()) as { lastError: string }[];
    assert.equal(room!.lastError, "answered 200, but body.code should be 0");
    const [rule] = await gateway.get("/api/rules");
    assert.match(rule.says, /, filled into a template, taken only if body\.code is 0, /);
  });

  test("sends the same sample live, in a replay and in a trial", async () => {
    const receiver = await startReceiver();
    const gateway = await startGateway({
      SHARDS: 2,
      FORWARD_RULES: [{ name: "some", url: receiver.url, sample: 0.4 }],
    });
    await gateway.sendAll(Array.from({ length: 60 }, (_, index) => ({ label: `event-${index}` })));
    const [trial] = (await gateway.post("/api/rules/test", { last: 100 }, 200)).results;
    assert.ok(trial.matches > 5 && trial.matches < 45, `${trial.matches} of 60`);
    await receiver.delivered(trial.matches);
    const range = { destination: "some", since: "1h", until: "0s" };
    assert.deepEqual(await gateway.post("/api/replay", { ...range, dryRun: true }, 200), {
      matched: trial.matches,
    });
    const events = await gateway.allEvents();
    for (const { id, command, platform } of events.slice(0, 10)) {
      const event = { id, command, body: {} };
      const [{ matches, failed }] = (await gateway.post("/api/rules/test", { event }, 200)).results;
      assert.equal(matches, receiver.labels().includes(platform!), id);
      if (!matches) assert.match(failed.why, /^sample is 0\.\d{4}, and should be below 0\.4$/);
    }
  });

  test("gives up an event of which it makes too much, by itself, and leaves the others alone", async () => {
    const receiver = await startReceiver();
    const template = { all: Array.from({ length: 200 }, () => "{{body}}") };
    const rules = [
      { name: "post", url: receiver.url, template, retry: [] },
      { name: "batch", url: receiver.url, template, retry: ["10ms", "10ms"], batch: { size: 2, ms: 60_000 } },
      { name: "poll", url: "poll:", template, retry: [] },
    ];
    const gateway = await startGateway({ FORWARD_RULES: rules });
    const body = JSON.parse(bodyOf("Group.CallbackAfterRecallMsg", "@TGS#1", "large"));
    body.MsgSeqList[0].Large = "x".repeat(20_000);
    await gateway.sendAll([{ label: "large", body: JSON.stringify(body) }]);
    await gateway.sendAll([{ label: "small" }]);
    const poll = async (after: string) => {
      const answer = await gateway.request(`/api/poll/poll?wait=5&after=${after}`);
      return (await answer.json()) as { after: string; events: { all: unknown[] }[] };
    };
    const { events, after } = await poll("");
    assert.deepEqual([events.length, events[0]?.all.length], [1, 200]);
    await poll(after);
    for (const { name } of rules) {
      await gateway.delivery("small", name, "delivered");
      const { attempts } = await gateway.delivery("large", name, "dead");
      assert.equal(attempts.at(-1)!.error, "the template makes more than 2 MiB of text of the event");
    }
    assert.deepEqual(
      (await gateway.destinations()).map(({ state }) => state),
      ["up", "up", "up"],
    );
  });
});
