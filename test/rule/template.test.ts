import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Json, parseJson } from "../../src/rule/json.ts";
import { pathAt } from "../../src/rule/setting-path.ts";
import { compileTemplate } from "../../src/rule/template.ts";
import { eventWith } from "../delivery/sample.ts";
import { cpuTime } from "../support/cpu-time.ts";

const body = `{ "From_Account":"li\\"an\\n", "MsgRandom":144115200000000001, "Price": 1.50, "Ok":true, "Nick":"\\u4f60好",
  "MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"群里 😀 said \\"hi\\""}},{"Index": 4e2}], "No":null, "a b":{"c.d":7} }`;

const event = eventWith({ body, platform: null });

function compiled(template: Json) {
  return compileTemplate(template, pathAt("template", assert.fail))!;
}

const filled = (template: Json) => compiled(template).fill(event)!;

function mistakes(template: Json): string[] {
  const said: string[] = [];
  const path = pathAt("template", (at, message) => said.push(`${at}: ${message}`));
  assert.equal(compileTemplate(template, path), undefined);
  return said;
}

test("a text that is one placeholder alone becomes the field itself, byte for byte", () => {
  for (const [placeholder, field] of [
    ["{{body.MsgRandom}}", "144115200000000001"],
    ["{{body.Price}}", "1.50"],
    ["{{body.MsgBody[1].Index}}", "4e2"],
    ["{{ body.Ok }}", "true"],
    ["{{\tbody.Nick\n}}", `"\\u4f60好"`],
    ["{{body.MsgBody[1]}}", `{"Index": 4e2}`],
    ['{{body["a b"]["c.d"]}}', "7"],
    ['{{body["a b"].c.d}}', "7"],
    ["{{body.MsgBody.Index}}", "4e2"],
    ["{{body}}", body],
    ["{{command}}", '"Group.CallbackAfterSendMsg"'],
    ["{{phase}}", '"after"'],
    ["{{app}}", '"1400000000"'],
    ["{{clientIp}}", '"203.0.113.7"'],
    ["{{receivedAt}}", '"2026-11-20T08:30:00.007Z"'],
  ] as const) {
    assert.equal(filled(placeholder), field);
    assert.equal(filled({ a: [placeholder] }), `{"a":[${field}]}`);
  }
});

test("within a text a field is text, an object or a list its JSON", () => {
  for (const [template, text] of [
    ["{{body.From_Account}}!", 'li"an\n!'],
    [" {{body.MsgRandom}}", " 144115200000000001"],
    ["¥{{body.Price}} {{body.Ok}}", "¥1.50 true"],
    ["{{body.Nick}}：{{body.MsgBody[0].MsgContent.Text}}", '你好：群里 😀 said "hi"'],
    ["got {{body.MsgBody[1]}}", 'got {"Index": 4e2}'],
    ["{{body.Nick}}{{body.Nick}}", "你好你好"],
    ["{{command}} at {{receivedAt}}", "Group.CallbackAfterSendMsg at 2026-11-20T08:30:00.007Z"],
  ] as const)
    assert.equal(JSON.parse(filled(template)), text);
});

test("an absent field is null alone, and empty text within a text; so is one that is null", () => {
  for (const field of [
    "body.Gone",
    "body.MsgBody[2].MsgType",
    "body.MsgBody.MsgTyp",
    "body.No",
    "platform",
  ]) {
    assert.equal(filled(`{{${field}}}`), "null");
    assert.equal(filled(`[{{${field}}}]`), '"[]"');
  }
});

test("everything else stays as it is written, large numbers included", () => {
  const text = `{"n":9007199254740993.10,"t":"}} {x} $KEY","l":[null,true,-1,[],{}],"é\\"":""}`;
  assert.equal(filled(parseJson(text)), text);
  for (const value of [null, 5, true, "", [], {}]) assert.equal(filled(value), JSON.stringify(value));
});

test("mistakes are named by path, each of them", () => {
  assert.deepEqual(
    mistakes({
      a: "{{}}",
      b: ["x {{ }}"],
      c: { d: "{{bdy.From_Account}} and {{body.x" },
      e: "{{body..x}}",
      f: "{{body.MsgBody[x]}}",
      g: "{{command.x}}",
      "{{body.h}}": 1,
      i: "{{ {{body.x}}",
      j: "{{{body.x}}}",
    }),
    [
      "template.a: has an empty placeholder: expected a field such as {{body.MsgKey}}",
      "template.b[0]: has an empty placeholder: expected a field such as {{body.MsgKey}}",
      "template.c.d: has a placeholder for bdy: expected command, phase, app, clientIp, platform, receivedAt, body",
      "template.c.d: has a placeholder without an end: expected }} after {{",
      "template.e: has a placeholder that names no field: expected body.MsgBody[0].MsgType, say",
      "template.f: has a placeholder that names no field: expected body.MsgBody[0].MsgType, say",
      "template.g: has a placeholder for a field within command, which has none",
      'template["{{body.h}}"]: is a name with a placeholder: expected it in a value',
      "template.i: has a placeholder without an end: expected }} after {{",
      "template.j: has a placeholder that names no field: expected body.MsgBody[0].MsgType, say",
    ],
  );
  assert.deepEqual(mistakes(Array(257).fill("{{body.x}}")), ["template: has more than 256 placeholders"]);
  assert.doesNotMatch(mistakes("{{sk-live-1234567890}}").join(), /live-1234/);
});

test("property: a filled template is JSON, and its texts are those of the event", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.jsonValue(), fc.string(), (name, value, around) => {
      const text = around.replaceAll("{", "(");
      const one = eventWith({ body: JSON.stringify({ name, value }) });
      const template = compiled({ text: `${text}{{body.name}}${text}`, alone: "{{body.value}}", [text]: 1 });
      assert.deepEqual(JSON.parse(template.fill(one)!), {
        text: `${text}${name}${text}`,
        alone: JSON.parse(JSON.stringify(value)),
        [text]: 1,
        ...(text === "text" || text === "alone" ? JSON.parse(template.fill(one)!) : {}),
      });
    }),
  );
});

test("a template of a dozen fields is filled with a body of 1 MB in milliseconds", () => {
  const big = eventWith({ body: `{"Text":"${"x".repeat(1_000_000)}","To_Account":"lan"}` });
  const template = compiled(
    Array.from({ length: 12 }, (_, index) => `{{body.To_Account}} {{body.f${index}}}`),
  );
  const before = cpuTime();
  for (let times = 0; times < 10; times++) assert.ok(template.fill(big)!.startsWith('["lan ","lan "'));
  assert.ok(cpuTime() - before < 1_000);
});

test("a template that repeats a large body is not filled beyond 2 MiB", () => {
  const large = eventWith({ body: JSON.stringify({ Text: "长".repeat(300_000) }) });
  const times = (count: number) => compiled(Array.from({ length: count }, () => "{{body}}")).fill(large);
  assert.equal(times(6)!.length, 6 * large.body.length + 7);
  assert.equal(times(7), null);
  assert.equal(times(256), null);
});
