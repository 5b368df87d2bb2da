/** Lines of several streams, merged. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type LineSource, mergedLines } from "../../src/http/merged-lines.ts";

const encoder = new TextEncoder();

/** A source of lines whose streams are given in pieces of some bytes. `broken`: the streams that break off. */
function sourceOf(streams: string[], piece: number, broken: readonly number[] = []) {
  const opened: (number | null)[] = [];
  const state = { pulls: 0, cancelled: 0 };
  const open: LineSource["open"] = async (from) => {
    const index = opened.push(from) - 1;
    const bytes = encoder.encode(streams[index]);
    let at = 0;
    return new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          state.pulls++;
          if (at >= bytes.length && broken.includes(index)) controller.error(new Error("broken"));
          else if (at >= bytes.length) controller.close();
          else controller.enqueue(bytes.slice(at, at + piece));
          at += piece;
        },
        cancel() {
          state.cancelled++;
        },
      },
      { highWaterMark: 0 },
    );
  };
  return { open, opened, state, mustAnswer: async () => {} };
}

const text = async (sources: readonly LineSource[]) =>
  new Response(mergedLines(sources, (error) => `{"error":"${(error as Error).message}"}`)).text();

test("lines come in the order of their positions, however the streams are cut into pieces", async () => {
  for (const piece of [1, 2, 3, 7, 1_000]) {
    const one = sourceOf(['1 {"a":"ä"}\n5 {}\n6\n', "7 {}\nend\n"], piece);
    const other = sourceOf(
      ["2 {}\n3 {}\n", "4 {}\nend\n"].slice(0, 1).map((all) => `${all}end\n`),
      piece,
    );
    const empty = sourceOf(["end\n"], piece);
    assert.equal(await text([one, other, empty]), '{"a":"ä"}\n{}\n{}\n{}\n{}\n', `pieces of ${piece}`);
    assert.deepEqual(one.opened, [null, 6]);
  }
});

test("a stream that breaks off, within a line too, is read on from the last whole line", async () => {
  const one = sourceOf(['1 {"n":1}\n2 {"n"', '2 {"n":2}\n', "end\n"], 4, [0]);
  assert.equal(await text([one]), '{"n":1}\n{"n":2}\n');
  assert.deepEqual(one.opened, [null, 2, 3]);
});

test("a source that cannot be read any more ends the lines with an error, and the work of the others", async () => {
  const one = sourceOf(['1 {"n":1}\n', "", "", "", "", "", ""], 100, [0, 1, 2, 3, 4, 5, 6]);
  const other = sourceOf(['9 {"n":9}\nend\n'], 5);
  assert.equal(await text([one, other]), '{"n":1}\n{"error":"broken"}\n');
  assert.equal(other.state.cancelled, 1);
});

test("nothing is read ahead of the reader, and nothing after it has gone", async () => {
  const lines = Array.from({ length: 1_000 }, (_, n) => `${n} ${"x".repeat(999)}\n`).join("");
  const one = sourceOf([`${lines}end\n`], 1_000);
  const reader = mergedLines([one], String).getReader();
  await reader.read();
  const { pulls } = one.state;
  assert.ok(pulls < 100, `${pulls} pieces of 1,000 were read for the first 64 KB`);
  await reader.cancel();
  assert.equal(one.state.cancelled, 1);
  assert.equal(one.state.pulls, pulls);
});

test("after as many lines as were asked for the work of all sources ends", async () => {
  const one = sourceOf([`1 {"n":1}\n4 {"n":4}\n${"9 {}\n".repeat(1_000)}end\n`], 100);
  const other = sourceOf(['2 {"n":2}\n3 {"n":3}\n5 {"n":5}\nend\n'], 100);
  const first = mergedLines([one, other], String, 3);
  assert.equal(await new Response(first).text(), '{"n":1}\n{"n":2}\n{"n":3}\n');
  assert.ok(one.state.pulls < 5);
  assert.deepEqual([one.state.cancelled, other.state.cancelled], [1, 1]);
});

test("a source that gives nothing is waited for as long as it answers otherwise, and ends the lines where it does not", async () => {
  for (const answers of [3, 0]) {
    let asked = 0;
    const waiting = Promise.withResolvers<ReadableStream<Uint8Array>>();
    const slow: LineSource = {
      open: () => waiting.promise,
      async mustAnswer() {
        if (asked++ === answers) waiting.resolve(new Response("2 {}\nend\n").body!);
        if (answers === 0) throw new Error("silent");
      },
    };
    const quick = sourceOf(["1 {}\n3 {}\nend\n"], 100);
    assert.equal(await text([quick, slow]), answers > 0 ? "{}\n{}\n{}\n" : '{"error":"silent"}\n');
  }
});
