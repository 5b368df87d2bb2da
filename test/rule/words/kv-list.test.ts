import assert from "node:assert/strict";
import { test } from "node:test";
import { type KeyValueStore, KvList, kvListOf, patienceMs } from "../../../src/rule/words/kv-list.ts";

const utf8 = new TextEncoder();

/** A namespace with one value, which a test changes. */
class Namespace implements KeyValueStore {
  value: string | Uint8Array | null = null;
  broken = false;
  reads = 0;
  /** Reads wait for it. */
  gate = Promise.resolve();
  options: unknown;

  async get(_key: string, options: unknown) {
    this.reads++;
    this.options = options;
    const { value, broken } = this;
    await this.gate;
    if (broken) throw new Error("KV GET failed: 500 Internal Server Error");
    if (value === null) return null;
    const bytes = typeof value === "string" ? utf8.encode(value) : value;
    return ReadableStream.from([bytes.slice(0, 3), bytes.slice(3)]) as ReadableStream<Uint8Array>;
  }
}

function started(value: string | Uint8Array | null) {
  const store = new Namespace();
  store.value = value;
  return { store, list: new KvList("kv:WORDS/banned", store, "banned") };
}

const finds = (list: KvList, text: string) => list.words?.isIn(text) ?? null;

test("a change counts within a minute, though KV may keep its copy for 30 s of it", async () => {
  const { store, list } = started("old");
  for (let now = 0; now <= 300_000; now += 1_000) {
    const read = list.look(now);
    // A message waits for a list that is too old, and only for that.
    if (list.waitsUntil(now) > now) await read;
    if (now === 30_000) assert.ok(store.reads <= 2);
    const changedAt = 100_000;
    if (now === changedAt) store.value = "new";
    if (now > changedAt + 30_000) assert.equal(finds(list, "new"), true, `${now}`);
    await read;
  }
  assert.deepEqual(store.options, { type: "stream", cacheTtl: 30 });
  assert.ok(store.reads <= 16, `${store.reads} reads in five minutes`);
});

test("a list that was not used for long is waited for, one that is in use is not", async () => {
  const { list } = started("word");
  list.look(0);
  assert.equal(list.waitsUntil(0), patienceMs);
  await list.look(0);
  assert.ok(list.waitsUntil(10) <= 10);
  assert.equal(list.look(19_999), null);
  const read = list.look(25_000);
  assert.ok(read !== null);
  assert.ok(list.waitsUntil(25_000) <= 25_000);
  await read;
  list.look(3_600_000);
  assert.equal(list.waitsUntil(3_600_000), 3_600_000 + patienceMs);
});

test("one that does not answer is waited for once, and asked again after five seconds", async () => {
  const { store, list } = started("word");
  store.gate = new Promise(() => {});
  list.look(0);
  assert.equal(list.waitsUntil(300), patienceMs);
  assert.ok(list.waitsUntil(500) <= 500);
  assert.match(
    list.problem(500, false)!,
    /^kv:WORDS\/banned cannot be read, as KV does not answer: the rule fits nothing until it can$/,
  );
  list.look(4_999);
  assert.equal(store.reads, 1);
  store.gate = Promise.resolve();
  await list.look(5_000);
  assert.equal(finds(list, "a word"), true);
  assert.equal(list.problem(5_001, false), null);
});

test("while KV fails the last good copy is used, and said so", async () => {
  const { store, list } = started("word");
  await list.look(0);
  store.broken = true;
  await list.look(60_000);
  assert.equal(finds(list, "a word"), true);
  assert.equal(
    list.problem(60_001, false),
    "kv:WORDS/banned cannot be read: its copy of 1970-01-01T00:00:00.000Z is used",
  );
  assert.ok(list.waitsUntil(60_001) <= 60_001, "nothing waits between attempts");
  assert.equal(list.look(64_999), null);
  store.broken = false;
  await list.look(65_000);
  assert.equal(list.problem(65_001, false), null);
});

test("without a first copy events are held as long as KV fails, and rules that cannot wait fit nothing", async () => {
  const { store, list } = started("word");
  store.broken = true;
  for (let now = 1_000; now < 400_000; now += 5_000) {
    await list.look(now);
    assert.equal(list.holdsUntil(now), Number.POSITIVE_INFINITY);
    assert.equal(list.againAt, now + 5_000);
  }
  assert.equal(list.problem(400_000, true), "kv:WORDS/banned cannot be read: its events wait until it can");
  assert.equal(
    list.problem(400_000, false),
    "kv:WORDS/banned cannot be read: the rule fits nothing until it can",
  );
  store.broken = false;
  await list.look(405_000);
  assert.ok(list.holdsUntil(405_000) <= 405_000);
});

test("a key that is missing is a problem at once, and holds nothing", async () => {
  const { store, list } = started(null);
  await list.look(0);
  assert.equal(list.words, null);
  assert.ok(list.holdsUntil(1) <= 1);
  assert.equal(list.problem(1, false), "kv:WORDS/banned is missing, so that the rule fits nothing");
  store.value = "word";
  await list.look(20_000);
  assert.equal(finds(list, "a word"), true);
  store.value = null;
  await list.look(40_000);
  assert.equal(list.words, null);
});

test("a value that has not changed is not built again", async () => {
  const { store, list } = started("word");
  await list.look(0);
  const { words } = list;
  await list.look(20_000);
  assert.equal(list.words, words);
  store.value = "other";
  await list.look(40_000);
  assert.notEqual(list.words, words);
});

test("an earlier attempt that ends late changes nothing", async () => {
  const { store, list } = started("old");
  const late = Promise.withResolvers<void>();
  store.gate = late.promise;
  const first = list.look(0);
  Object.assign(store, { value: "new", gate: Promise.resolve() });
  await list.look(5_000);
  late.resolve();
  await first;
  assert.equal(finds(list, "new"), true);
});

test("a clock that was set back delays no reading", async () => {
  const { store, list } = started("word");
  await list.look(3_600_000);
  store.value = "other";
  const read = list.look(0);
  assert.equal(list.waitsUntil(0), patienceMs);
  await read;
  assert.equal(finds(list, "another"), true);
});

test("one word a line: marks of editors, blank lines and comments are no words", async () => {
  const { list } = started("\ufeff  bad word \r\n\r\n# a comment\n#\n#hashtag\r\n笨蛋\nlast");
  await list.look(0);
  assert.equal(list.words!.characters.length, 4);
  for (const text of ["a BAD WORD", "#Hashtag", "这个笨蛋啊", "at last"])
    assert.equal(finds(list, text), true);
  for (const text of ["bad", "a comment", "# alone"]) assert.equal(finds(list, text), false);
});

test("text that is not UTF-8 is named, and replaces nothing", async () => {
  const { store, list } = started("word");
  await list.look(0);
  store.value = Uint8Array.of(0xb1, 0xbf, 0xb5, 0xb0);
  await list.look(20_000);
  assert.equal(finds(list, "a word"), true);
  assert.match(
    list.problem(20_001, false)!,
    /^kv:WORDS\/banned is no text in UTF-8: its copy of .* is used$/,
  );
});

test("of a list over 1 MiB the words that are whole are used, and it is named", async () => {
  const line = "笨蛋笨蛋\n";
  const { list } = started(`${line.repeat(80_659)}last\n`);
  await list.look(0);
  assert.equal(list.problem(1, false), null);
  const longer = started(`${line.repeat(80_659)}last\n${line}`);
  await longer.list.look(0);
  assert.equal(finds(longer.list, "the last"), true);
  assert.equal(
    longer.list.problem(1, false),
    "kv:WORDS/banned is longer than 1 MiB, and the rest is not used",
  );
});

test("an empty value is a list without words, which is no problem", async () => {
  const { list } = started("");
  await list.look(0);
  assert.equal(finds(list, "anything"), false);
  assert.equal(list.problem(1, false), null);
});

test("rules share a list of one namespace and key", () => {
  const [one, other] = [new Namespace(), new Namespace()];
  assert.equal(kvListOf(one, "WORDS", "banned"), kvListOf(one, "WORDS", "banned"));
  assert.notEqual(kvListOf(one, "WORDS", "banned"), kvListOf(one, "WORDS", "other"));
  assert.notEqual(kvListOf(one, "WORDS", "banned"), kvListOf(other, "WORDS", "banned"));
});
