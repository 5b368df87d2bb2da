import { texts } from "../language.ts";
import type { Mistake } from "./mistakes.ts";

export const text = texts({
  en: {
    place: (line: number) => `line ${line}`,
    mistakes: "Mistakes",
    keys: "Ctrl+Space completes, F8 goes to the next mistake, Tab leaves the editor.",
    syntax: {
      PropertyNameExpected: "expected a key in double quotes",
      ValueExpected: "expected a value",
      ColonExpected: "expected a colon after the key",
      CommaExpected: "expected a comma",
      CloseBraceExpected: "expected }",
      CloseBracketExpected: "expected ]",
      EndOfFileExpected: "expected nothing after the end",
      InvalidCommentToken: "comments are not allowed here",
      UnexpectedEndOfString: "the text has no closing quote",
      InvalidEscapeCharacter: "no such escape: write \\\\ for a backslash",
    } as Readonly<Record<string, string>>,
    noJson: "is not JSON",
    repeated: (key: string) => `${key} is given twice`,
    unknown: (key: string, nearest: string | null) =>
      `${key} is not known here${nearest === null ? "" : `: did you mean ${nearest}?`}`,
    expected: (what: readonly string[]) => `expected ${what.join(" or ")}`,
    types: {
      string: "a text",
      number: "a number",
      integer: "a whole number",
      boolean: "true or false",
      array: "a list",
      object: "an object",
      null: "null",
    } as Readonly<Record<string, string>>,
    phrases: {} as Readonly<Record<string, string>>,
  },
  zh: {
    place: (line) => `第 ${line} 行`,
    mistakes: "错误",
    keys: "Ctrl+空格 补全，F8 跳到下一个错误，Tab 离开编辑器。",
    syntax: {
      PropertyNameExpected: "此处应为双引号括起的键",
      ValueExpected: "此处应为值",
      ColonExpected: "键后应有冒号",
      CommaExpected: "此处应有逗号",
      CloseBraceExpected: "此处应为 }",
      CloseBracketExpected: "此处应为 ]",
      EndOfFileExpected: "结尾之后不应再有内容",
      InvalidCommentToken: "此处不允许注释",
      UnexpectedEndOfString: "字符串缺少结尾引号",
      InvalidEscapeCharacter: "没有此转义：反斜杠请写作 \\\\",
    },
    noJson: "不是 JSON",
    repeated: (key) => `${key} 重复出现`,
    unknown: (key, nearest) => `此处没有 ${key} 这个键${nearest === null ? "" : `，是否想写 ${nearest}？`}`,
    expected: (what) => `此处应为${what.join("或")}`,
    types: {
      string: "文本",
      number: "数字",
      integer: "整数",
      boolean: " true 或 false ",
      array: "列表",
      object: "对象",
      null: " null ",
    },
    phrases: { Completions: "补全", Diagnostics: "诊断", "No diagnostics": "没有错误" },
  },
});

export function sentenceOf(mistake: Mistake): string {
  const { syntax, noJson, repeated, unknown, expected, types } = text.value;
  switch (mistake.kind) {
    case "syntax":
      return syntax[mistake.code] ?? noJson;
    case "repeated":
      return repeated(mistake.key);
    case "unknown":
      return unknown(mistake.key, mistake.nearest);
    case "type":
      return expected(mistake.types.map((type) => types[type] ?? type));
    case "choice":
      return expected(mistake.choices.map((choice) => JSON.stringify(choice)));
  }
}
