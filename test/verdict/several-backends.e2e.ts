/** A rule that asks two backends of the real gateway, of which one hangs or answers nonsense. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startGateway } from "../support/gateway.ts";
import { hang, reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const message = "Group.CallbackBeforeSendMsg";
const friends = "Sns.CallbackPrevFriendAdd";

const says = (answer: object) => reply(200, {}, JSON.stringify(answer));
const allow = says({ ErrorCode: 0 });

/** A backend that hangs, until it is told otherwise. */
const flaky = await startReceiver(hang);

/** A backend that is well: it refuses the group `spam` and the friend `siti`. */
const healthy = await startReceiver((response, request) => {
  const { type, data } = JSON.parse(request.body);
  const verdict = (To_Account: string) => ({ To_Account, ResultCode: To_Account === "siti" ? 38001 : 0 });
  const answer =
    type === friends
      ? { ErrorCode: 0, ResultItem: ["minh", "siti"].map(verdict) }
      : { ErrorCode: data.GroupId === "spam" ? 1 : 0 };
  return says(answer)(response, request);
});

const asking = { deadlineMs: 300, otherwise: { ErrorCode: 2 } };
const gateway = await startGateway({
  FORWARD_RULES: [
    { name: "messages", on: message, ask: [flaky.url, healthy.url], ...asking },
    { name: "friends", on: friends, ask: [healthy.url, flaky.url], deadlineMs: 300 },
  ],
});

const ask = async (GroupId: string) =>
  JSON.parse((await gateway.accept(message, { GroupId, From_Account: "lan" })).text).ErrorCode as number;

const told = async (event: string) => (await gateway.allEvents({ command: event })).length;
const notAwaited = (place: string) =>
  new RegExp(`^messages: its backend ask\\[${place}\\] does not answer and is not waited for$`);

test("ten hangs of one backend cost no refusal of another", async () => {
  for (let count = 0; count < 10; count++) assert.equal(await ask("family"), 2);
  const asked = healthy.received.length;
  assert.equal(await ask("spam"), 1);
  assert.equal(await ask("family"), 2);
  assert.equal(healthy.received.length, asked + 2);
  await until("both verdicts are kept", async () => {
    const events = (await gateway.allEvents({ command: message })).slice(0, 2);
    const verdicts = await Promise.all(events.map(async ({ id }) => (await gateway.event(id)).verdict!.how));
    return verdicts.join() === "breaker,answered";
  });

  await gateway.problem(notAwaited("0"));
  await gateway.noProblem(notAwaited("1"));
  const [rule] = await gateway.get("/api/rules");
  assert.match(rule.problems.join(), /its backend ask\[0\] does not answer and is not waited for/);
});

test("friends that one backend refuses stay refused while another is not waited for", async () => {
  const refused = async () => {
    const FriendItem = ["minh", "siti"].map((To_Account) => ({
      To_Account,
      AddSource: "AddSource_Type_Web",
    }));
    const { text } = await gateway.accept(friends, { From_Account: "lan", FriendItem });
    const { ResultItem } = JSON.parse(text) as { ResultItem: { To_Account: string; ResultCode: number }[] };
    return ResultItem.filter(({ ResultCode }) => ResultCode !== 0).map(({ To_Account }) => To_Account);
  };
  for (let count = 0; count < 10; count++) assert.deepEqual(await refused(), ["siti"]);
  assert.deepEqual(await refused(), ["siti"]);
  await gateway.problem(/^friends: its backend ask\[1\] does not answer and is not waited for$/);
});

test("a backend that is down is told of by its rule, and so is its recovery", async () => {
  await until("each rule has told of it", async () => (await told("Relay.BackendDown")) === 2);
  flaky.answer = allow;
  await until("both backends decide again", async () => (await ask("family")) === 0);
  await until("the rule has told of it", async () => (await told("Relay.BackendRecovered")) === 1);
  await gateway.noProblem(/^messages: /);
  assert.equal(await told("Relay.BackendDown"), 2);
});

test("ten unreadable answers of one backend are named, whatever another one says", async () => {
  flaky.answer = reply(200, {}, "<html>");
  for (let count = 0; count < 10; count++) {
    assert.equal(await ask("family"), 2);
    assert.equal(await ask("spam"), 1);
  }
  await gateway.problem(/^messages: its last \d+ answers from ask\[0\] could not be read as verdicts, /);
  flaky.answer = allow;
  assert.equal(await ask("family"), 0);
  await gateway.noProblem(/^messages: /);
});
