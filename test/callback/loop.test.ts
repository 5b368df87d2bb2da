import assert from "node:assert/strict";
import { test } from "node:test";
import { cameThrough, readVia } from "../../src/callback/loop.ts";

test("a gateway is found in the loop header by its whole name", () => {
  for (const via of ["gw_7", "gw_1, gw_7", "gw_7,gw_1", " gw_7 ,", "gw_1,gw_2, gw_7"])
    assert.ok(cameThrough(via, "gw_7"), via);
  for (const via of ["", ",", "gw_70", "gw_7.example", "a gw_7", "GW_7"])
    assert.ok(!cameThrough(via, "gw_7"), via);
});

test("a gateway without a name is never found in the loop header", () => {
  for (const via of ["", ",", "undefined", "gw_7"]) assert.ok(!cameThrough(via, undefined));
});

test("a loop header that is no short list of names is dropped", () => {
  for (const via of ["gw_7", "gw_1, gw-2:8787, gw.example.com", "x".repeat(200)])
    assert.equal(readVia(via), via);
  for (const via of ["", "x".repeat(201), "a;b", "a\nb", "\u00e9", "<a>"]) assert.equal(readVia(via), null);
});
