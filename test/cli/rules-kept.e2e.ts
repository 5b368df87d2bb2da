/** `tim-relay rules test --last`: rules on the last events of a gateway. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commandsAt } from "../support/command.ts";
import { startGateway } from "../support/gateway.ts";

const url = "https://feed.example.com";
const recalls = { name: "recalls", on: "Group.CallbackAfterRecallMsg", url };
const gateway = await startGateway({ FORWARD_RULES: [{ ...recalls, enabled: false }] });
const { relay, cwd } = commandsAt(gateway);

const write = (name: string, value: unknown) => writeFileSync(join(cwd, name), JSON.stringify(value));

const send = (group: string, type: string) =>
  gateway.accept("Group.CallbackAfterRecallMsg", {
    CallbackCommand: "Group.CallbackAfterRecallMsg",
    GroupId: group,
    Type: type,
    Operator_Account: "lan",
    MsgSeqList: [{ MsgSeq: 1 }],
  });

test("a gateway without events says so", async () => {
  const { code, log } = await relay("rules", "test", "--last", "10");
  assert.deepEqual([code, log], [0, "the gateway keeps no event\n"]);
});

test("rules of a file are compared with those of the gateway", async () => {
  for (const [group, type] of [
    ["@TGS#1", "Public"],
    ["@TGS#2", "Community"],
    ["@TGS#3", "Public"],
  ] as const)
    await send(group, type);
  await gateway.restart({ FORWARD_RULES: [recalls] });
  write("rules.json", [
    {
      ...recalls,
      match: { body: { Type: ["Community"] } },
      secret: `whsec_${Buffer.alloc(24).toString("base64")}`,
    },
    { name: "all", url },
  ]);
  const { code, log, lines } = await relay("rules", "test", "rules.json", "--last", "100");
  assert.equal(code, 0, log);
  const ids = (await gateway.events()).events.map(({ id }) => id);
  const [third, second] = ids;
  assert.deepEqual(
    lines.map((line) => line.split(/ {2,}/)),
    [
      ["3 events tried, the last that are kept: 3 would meet other rules"],
      ["RULE", "FITS", "SHARE", "ADDED", "REMOVED", "FOR EXAMPLE"],
      ["recalls", "1", "33.3 %", "0", "-2", second],
      ["all", "3", "100.0 %", "+3", "0", third],
      [`recalls fits no more ${third}`],
      [`all fits now ${third}`],
      [`recalls does not fit ${third}: body.Type is "Public", and should be "Community"`],
    ],
  );
  const [{ from, events, results, misses }] = JSON.parse(
    (await relay("rules", "test", "rules.json", "--last", "2", "--json")).log,
  );
  assert.deepEqual([from, events], ["rules.json", 2]);
  assert.deepEqual(
    results.map(({ rule, matches }: Record<string, unknown>) => [rule, matches]),
    [
      ["recalls", 1],
      ["all", 2],
    ],
  );
  assert.equal(misses[0].event, third);
});

test("without a file the gateway tries its own rules", async () => {
  const { code, lines } = await relay("rules", "test", "--last", "2");
  assert.equal(code, 0);
  assert.match(lines[1]!, /^RULE +FITS +SHARE +FOR EXAMPLE$/);
  assert.match(lines[2]!, /^recalls +2 +100\.0 % +evt_/);
  assert.equal(lines.length, 3);
});

test("a mistake is named here, and what only the gateway knows by its path", async () => {
  write("wrong.json", [{ name: "a", url, on: 1 }]);
  const wrong = await relay("rules", "test", "wrong.json", "--last", "2");
  assert.equal(wrong.code, 1);
  assert.match(wrong.log, /^FORWARD_RULES\[0\]\.on: [^\n]*\n$/);
  write("unset.json", [{ name: "a", url, secret: "$NOT_THERE" }]);
  const unset = await relay("rules", "test", "unset.json", "--last", "2");
  assert.equal(unset.code, 1);
  assert.match(unset.log, /^rules\[0\]\.secret: \$NOT_THERE is not set, says http:\S+\n$/);
  const many = await relay("rules", "test", "--last", "5001");
  assert.equal(many.code, 1);
  assert.match(many.log, /5000/);
});
