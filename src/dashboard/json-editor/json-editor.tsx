/**
 * Text in JSON with completion, and with mistakes marked at their place. The editor lives in a shadow tree: there its
 * style sheets are adopted ones, which a strict Content-Security-Policy allows.
 */
import {
  autocompletion,
  type CompletionSource,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  insertBracket,
  pickedCompletion,
  startCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching } from "@codemirror/language";
import { nextDiagnostic, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { useLayoutEffect, useRef } from "preact/hooks";
import { language } from "../language.ts";
import { completionsAt, descriptionAt, noSuggestions, type Suggestions } from "./completion.ts";
import type { Span } from "./place.ts";
import type { Schema } from "./schema.ts";
import { text } from "./text.ts";
import { theme } from "./theme.ts";
import "./json-editor.css";

export interface Mark extends Span {
  sentence: string;
}

/** The knowledge that completes and explains. It may change while the editor is open. */
export interface Help {
  schema: Schema;
  suggestions?: Suggestions;
}

interface Props {
  label: string;
  value: string;
  onInput(value: string): void;
  marks: readonly Mark[];
  help?: Help;
  /** A place that a person asked for: it gets the caret. */
  shown?: Span | null;
}

export function JsonEditor({ label, value, onInput, marks, help, shown = null }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef({ onInput, help });
  latest.current = { onInput, help };

  useLayoutEffect(() => {
    const root = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: "open" });
    const made = new EditorView({ parent: root, root, state: stateOf(value, label, latest) });
    view.current = made;
    return () => made.destroy();
  }, [label, language.value]);

  // Before the next key press: later, an older value would be written over newer keys.
  useLayoutEffect(() => {
    const { state } = view.current!;
    const old = state.doc.toString();
    if (old !== value) view.current!.dispatch({ changes: { from: 0, to: old.length, insert: value } });
  }, [value]);

  const places = JSON.stringify(marks);
  useLayoutEffect(() => {
    const { state } = view.current!;
    const within = (offset: number) => Math.min(offset, state.doc.length);
    const diagnostics = marks.map(({ from, to, sentence }) => ({
      from: within(from),
      to: within(to),
      severity: "error" as const,
      message: sentence,
    }));
    view.current!.dispatch(setDiagnostics(state, diagnostics));
  }, [places, label, language.value]);

  const show = ({ from }: Span) => {
    view.current!.focus();
    view.current!.dispatch({ selection: { anchor: from }, scrollIntoView: true });
  };
  useLayoutEffect(() => {
    if (shown) show(shown);
  }, [shown]);

  return (
    <div class="json-editor">
      <div ref={host} />
      <Mistakes value={value} marks={marks} onShow={show} />
      <p class="soft small hint">{text.value.keys}</p>
    </div>
  );
}

/** The marks as a list, for readers who see no underlines. */
function Mistakes({
  value,
  marks,
  onShow,
}: {
  value: string;
  marks: readonly Mark[];
  onShow(mark: Mark): void;
}) {
  const { place, mistakes } = text.value;
  return (
    <div role="status" aria-label={mistakes}>
      {marks.length > 0 && (
        <ul class="mistakes" data-tone="bad">
          {marks.map((mark) => (
            <li key={`${mark.from} ${mark.sentence}`}>
              <button type="button" onClick={() => onShow(mark)}>
                {place(value.slice(0, mark.from).split("\n").length)}
              </button>{" "}
              {mark.sentence}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

type Latest = { current: { onInput(value: string): void; help?: Help | undefined } };

function stateOf(doc: string, label: string, latest: Latest): EditorState {
  return EditorState.create({
    doc,
    extensions: [
      lineNumbers(),
      history(),
      bracketMatching(),
      closeBrackets(),
      json(),
      autocompletion({ override: [completionsOf(latest)], icons: false }),
      hoverTooltip((view, pos) => hoverOf(view.state.doc.toString(), pos, latest)),
      // Tab is not among the keys: it leaves the editor.
      keymap.of([
        ...closeBracketsKeymap,
        ...completionKeymap,
        { key: "F8", run: nextDiagnostic },
        ...historyKeymap,
        ...defaultKeymap,
      ]),
      EditorView.lineWrapping,
      EditorView.domEventHandlers({ beforeinput: replace }),
      EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
      EditorState.phrases.of(text.peek().phrases),
      EditorView.updateListener.of(({ docChanged, state }) => {
        if (docChanged) latest.current.onInput(state.doc.toString());
      }),
      theme,
    ],
  });
}

/**
 * Types over a selection. The browser would write the colours of the old text into a `style`, which the policy forbids
 * and the console reports.
 */
function replace(event: InputEvent, view: EditorView): boolean {
  const { inputType, data, isComposing } = event;
  if (inputType !== "insertText" || data === null || isComposing || view.state.selection.main.empty)
    return false;
  const { state } = view;
  view.dispatch(
    insertBracket(state, data) ?? state.update(state.replaceSelection(data), { userEvent: "input.type" }),
  );
  event.preventDefault();
  return true;
}

/** Keys and values of the schema. Without being asked for, they are offered after a character that is no space. */
function completionsOf(latest: Latest): CompletionSource {
  return ({ state, pos, explicit }) => {
    const { help } = latest.current;
    if (!help || (!explicit && /\s/.test(state.sliceDoc(pos - 1, pos)))) return null;
    const { schema, suggestions = noSuggestions } = help;
    const found = completionsAt(state.doc.toString(), pos, schema, suggestions);
    if (!found) return null;
    // Behind the caret a quote is replaced, too.
    const behind = found.to - pos;
    return {
      from: found.from,
      options: found.options.map(({ label, insert, caret, info, kind }, index) => ({
        label,
        ...(info !== null && { info }),
        boost: Math.max(-99, 99 - index),
        apply: (view, completion, from, to) => {
          view.dispatch({
            changes: { from, to: to + behind, insert },
            selection: { anchor: from + caret },
            userEvent: "input.complete",
            annotations: pickedCompletion.of(completion),
          });
          if (kind === "key" && insert[caret - 1] === '"') startCompletion(view);
        },
      })),
    };
  };
}

function hoverOf(doc: string, pos: number, { current: { help } }: Latest) {
  const found = help && descriptionAt(doc, pos, help.schema);
  if (!found) return null;
  const create = () => {
    const dom = document.createElement("div");
    dom.className = "cm-description";
    dom.textContent = found.sentence;
    return { dom };
  };
  return { pos: found.from, end: found.to, create };
}
