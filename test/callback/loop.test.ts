import assert from "node:assert/strict";
import { test } from "node:test";
import { cameThrough, readVia } from "../../src/callback/loop.ts";

test("a gateway is found among those that a callback came through, by its whole name", () => {
  for (const via of ["gw_7", "gw_1, gw_7", "gw_7,gw_1", " gw_7 ,", "gw_1,gw_2, gw_7"])
    assert.ok(cameThrough(via, "gw_7"), via);
  for (const via of ["", ",", "gw_70", "gw_7.example", "a gw_7", "GW_7"])
    assert.ok(!cameThrough(via, "gw_7"), via);
});

test("a gateway that has no name yet is found in none", () => {
  for (const via of ["", ",", "undefined", "gw_7"]) assert.ok(!cameThrough(via, undefined));
});

test("what is no short list of names is not carried on", () => {
  for (const via of ["gw_7", "gw_1, gw-2:8787, gw.example.com", "x".repeat(200)])
    assert.equal(readVia(via), via);
  for (const via of ["", "x".repeat(201), "a;b", "a\nb", "\u00e9", "<a>"]) assert.equal(readVia(via), null);
});
