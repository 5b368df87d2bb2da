import assert from "node:assert/strict";
import { test } from "node:test";
import { assign } from "../../src/callback/assign.ts";

const recall = () => ({ GroupId: "g", Type: null, MsgSeqList: [{ MsgSeq: 130 }, { MsgSeq: 131 }] });

test("a path leads to a value deep in the body", () => {
  const body = recall();
  assert.equal(assign(body, "MsgSeqList[1].MsgSeq", 7), null);
  assert.deepEqual(body.MsgSeqList, [{ MsgSeq: 130 }, { MsgSeq: 7 }]);
});

test("a list can be extended by one item", () => {
  const body = recall();
  assert.equal(assign(body, "MsgSeqList[2]", { MsgSeq: 132 }), null);
  assert.equal(body.MsgSeqList.length, 3);
});

test("a path that does not exist is named, with its first missing part", () => {
  for (const [path, problem] of [
    ["MsgSeqLst[0].MsgSeq", "there is no MsgSeqLst"],
    ["MsgSeqList[2].MsgSeq", "MsgSeqList has 2 elements, hence no MsgSeqList[2]"],
    ["MsgSeqList[3]", "MsgSeqList has 2 elements, hence no MsgSeqList[3]"],
    ["GroupId[0]", "GroupId is not a list"],
    ["MsgSeqList.MsgSeq", "MsgSeqList is not an object"],
    ["Type.x", "Type is not an object"],
    ["MsgSeqList[0].MsgSeq.x", "MsgSeqList[0].MsgSeq is not an object"],
    ["MsgSeqList[x]", '"MsgSeqList[x]" is not a path; write it as MsgSeqList[0].MsgSeq'],
    ["[0]", '"[0]" is not a path; write it as MsgSeqList[0].MsgSeq'],
    ["", '"" is not a path; write it as MsgSeqList[0].MsgSeq'],
    ["__proto__.x", "there is no __proto__"],
  ] as const)
    assert.equal(assign(recall(), path, 7), problem);
  assert.equal(({} as { x?: number }).x, undefined, "inherited properties are out of reach");
});
