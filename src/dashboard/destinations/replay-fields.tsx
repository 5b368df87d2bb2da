/** The fields of a replay's form. A point in time is shown as it is understood. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { useAnswer } from "../answer.ts";
import { clock } from "../figures.ts";
import { now } from "../now.ts";
import {
  type Mistake,
  type Mistakes,
  momentsOf,
  type ReplayChoice,
  type ReplayForm,
  replayChoices,
} from "./replay-order.ts";
import { text } from "./text.ts";

interface Props {
  form: ReplayForm;
  mistakes: Mistakes;
  onChange(fields: Partial<ReplayForm>): void;
  onSubmit(): void;
}

export function ReplayFields({ form, mistakes, onChange, onSubmit }: Props) {
  const { since, until, untilNow, sinceHint, on, onHint, which, choices, perSecond } = text.value;
  const moments = momentsOf(form, now.value);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form class="body replay-form" onSubmit={submit}>
      <Field label={since} hint={said(moments.since) ?? sinceHint} mistake={mistakes.since}>
        {(field) => (
          <input
            {...field}
            value={form.since}
            placeholder="2h"
            autocomplete="off"
            onInput={({ currentTarget }) => onChange({ since: currentTarget.value })}
          />
        )}
      </Field>
      <Field
        label={until}
        hint={form.until.trim() === "" ? untilNow : (said(moments.until) ?? sinceHint)}
        mistake={mistakes.until}
      >
        {(field) => (
          <input
            {...field}
            value={form.until}
            placeholder={untilNow}
            autocomplete="off"
            onInput={({ currentTarget }) => onChange({ until: currentTarget.value })}
          />
        )}
      </Field>
      <Field label={which}>
        {(field) => (
          <select
            {...field}
            value={form.state}
            onChange={({ currentTarget }) => onChange({ state: currentTarget.value as ReplayChoice })}
          >
            {replayChoices.map((name) => (
              <option key={name} value={name}>
                {choices[name]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={perSecond} mistake={mistakes.perSecond}>
        {(field) => (
          <input
            {...field}
            inputMode="numeric"
            value={form.perSecond}
            autocomplete="off"
            onInput={({ currentTarget }) => onChange({ perSecond: currentTarget.value })}
          />
        )}
      </Field>
      <Field label={on} hint={onHint}>
        {(field) => (
          <input
            {...field}
            list="commands"
            value={form.on}
            placeholder="Group.*, C2C.CallbackAfterSendMsg"
            autocomplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) => onChange({ on: currentTarget.value })}
          />
        )}
      </Field>
      <Commands />
      {/* Enter counts: a form without a button of its own does not submit. */}
      <button type="submit" hidden />
    </form>
  );
}

function said(ms: number | null): string | null {
  return ms === null ? null : clock(new Date(ms));
}

interface FieldProps {
  label: string;
  hint?: string;
  mistake?: Mistake | undefined;
  children(field: { id: string; "aria-invalid": boolean; "aria-describedby": string }): ComponentChildren;
}

function Field({ label, hint = "", mistake, children }: FieldProps) {
  const id = useId();
  const about = `${id}-about`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, "aria-invalid": mistake !== undefined, "aria-describedby": about })}
      <p id={about} class={mistake ? "error small" : "soft small"}>
        {mistake ? text.value.mistakes[mistake] : hint}
      </p>
    </div>
  );
}

/** Commands that have been kept are suggested. */
function Commands() {
  const { value } = useAnswer((relay, signal) => relay.get("/api/commands", { signal }));
  return (
    <datalist id="commands">
      {value?.commands.map(({ command }) => (
        <option key={command} value={command} />
      ))}
    </datalist>
  );
}
