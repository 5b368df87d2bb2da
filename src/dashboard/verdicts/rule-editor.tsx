/** The changed rule of a trial. */
import { useMemo } from "preact/hooks";
import { useAnswer } from "../answer.ts";
import { JsonEditor } from "../json-editor/json-editor.tsx";
import type { Schema } from "../json-editor/schema.ts";
import { sentenceOf } from "../json-editor/text.ts";
import { Answered } from "../parts/panel.tsx";
import { suggestionsFrom } from "../rules/playground/suggestions.ts";
import { readWritten } from "../rules/playground/written.ts";
import { ruleText } from "./changed-rule.ts";
import { text } from "./text.ts";

export function RuleEditor() {
  const known = useAnswer(async (relay, signal) => {
    const [schema, { commands }] = await Promise.all([
      relay.get("/api/rules/schema", { signal }),
      relay.get("/api/commands", { signal }),
    ]);
    return { schema: decidingRule(schema as Schema), suggestions: suggestionsFrom(commands, null) };
  });
  return <Answered answer={known}>{(help) => <Editor {...help} />}</Answered>;
}

function Editor(help: { schema: Schema; suggestions: ReturnType<typeof suggestionsFrom> }) {
  const { mistakes } = useMemo(() => readWritten(ruleText.value, help.schema), [ruleText.value, help.schema]);
  return (
    <JsonEditor
      label={text.value.ruleLabel}
      value={ruleText.value}
      onInput={(value) => {
        ruleText.value = value;
      }}
      marks={mistakes.map((mistake) => ({
        from: mistake.from,
        to: mistake.to,
        sentence: sentenceOf(mistake),
      }))}
      help={help}
    />
  );
}

/** The schema of one rule that asks or answers, out of that of all rules. */
function decidingRule({ $defs }: Schema): Schema {
  return { $defs: $defs!, anyOf: [{ $ref: "#/$defs/ask" }, { $ref: "#/$defs/answer" }] };
}
