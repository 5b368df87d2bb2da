/**
 * Formatted JSON, with notes at the places that they are about. It is text, never markup: bodies come from strangers.
 * Objects and lists fold.
 */
import { useState } from "preact/hooks";
import { texts } from "../language.ts";
import type { Tone } from "../tones.ts";
import "./json.css";

const text = texts({
  en: { fold: "Fold", unfold: "Unfold" },
  zh: { fold: "折叠", unfold: "展开" },
});

export interface Note {
  /** `MsgSeqList[1].MsgSeq`; empty: the whole. */
  path: string;
  tone: Tone;
  sentence: string;
}

/** A list or object with more parts is folded at first, so that a group of 6,000 members stays quick. */
const openUpTo = 100;

export function Json({ value, notes = [] }: { value: unknown; notes?: readonly Note[] }) {
  return (
    <div class="json code">
      <Part name={null} value={value} path="" notes={notes} last />
    </div>
  );
}

interface PartProps {
  name: string | null;
  value: unknown;
  path: string;
  notes: readonly Note[];
  last: boolean;
}

function Part({ name, value, path, notes, last }: PartProps) {
  const own = notes.filter((note) => note.path === path);
  const isList = Array.isArray(value);
  const parts: (readonly [string, unknown])[] =
    typeof value === "object" && value !== null ? Object.entries(value) : [];
  const [open, setOpen] = useState(parts.length <= openUpTo || notes.length > 0);
  const [first, end] = isList ? ["[", "]"] : ["{", "}"];
  const comma = last ? "" : ",";
  const label = name === null ? null : <span class="key">{JSON.stringify(name)}: </span>;

  if (parts.length === 0)
    return (
      <Line own={own}>
        {label}
        <Scalar value={value} />
        {comma}
      </Line>
    );
  if (!open)
    return (
      <Line own={own}>
        <Fold open={false} onToggle={() => setOpen(true)} />
        {label}
        {first}
        <span class="soft"> {parts.length} </span>
        {end}
        {comma}
      </Line>
    );
  return (
    <>
      <Line own={own}>
        <Fold open onToggle={() => setOpen(false)} />
        {label}
        {first}
      </Line>
      <div class="inner">
        {parts.map(([key, item], index) => (
          <Part
            key={key}
            name={isList ? null : key}
            value={item}
            path={isList ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`}
            notes={notes}
            last={index === parts.length - 1}
          />
        ))}
      </div>
      <div class="line">
        {end}
        {comma}
      </div>
    </>
  );
}

function Line({ own, children }: { own: readonly Note[]; children: preact.ComponentChildren }) {
  const tone = own[0]?.tone;
  return (
    <div class={tone ? "line noted" : "line"} data-tone={tone}>
      {children}
      {own.map(({ sentence }) => (
        <span key={sentence} class="note">
          {sentence}
        </span>
      ))}
    </div>
  );
}

function Fold({ open, onToggle }: { open: boolean; onToggle(): void }) {
  return (
    <button
      type="button"
      class="fold"
      aria-expanded={open}
      aria-label={open ? text.value.fold : text.value.unfold}
      onClick={onToggle}
    >
      {open ? "▾" : "▸"}
    </button>
  );
}

function Scalar({ value }: { value: unknown }) {
  if (Array.isArray(value)) return <>[]</>;
  if (typeof value === "object" && value !== null) return <>{"{}"}</>;
  const kind = typeof value === "string" ? "text" : "other";
  return <span class={kind}>{typeof value === "bigint" ? String(value) : JSON.stringify(value)}</span>;
}
