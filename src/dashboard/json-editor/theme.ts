/** The editor in the page's colours. They change with the theme by themselves. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const tooltip = {
  border: "1px solid var(--line)",
  borderRadius: "var(--radius-s)",
  backgroundColor: "var(--raised)",
  color: "var(--ink)",
  boxShadow: "0 4px 16px rgb(0 0 0 / 18%)",
};

const look = EditorView.theme({
  "&": { maxHeight: "30rem", backgroundColor: "var(--surface)", color: "var(--ink)" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--font-code)", fontSize: "0.8125rem", lineHeight: "1.55" },
  ".cm-content": { minHeight: "8rem", padding: "var(--space-2) 0", caretColor: "var(--ink)" },
  ".cm-gutters": { border: "0", backgroundColor: "var(--surface)", color: "var(--ink-soft)" },
  ".cm-matchingBracket": { backgroundColor: "var(--chosen)", outline: "none" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--chosen)" },
  ".cm-nonmatchingBracket, &.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--bad-ground)" },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    backgroundColor: "var(--bad-ground)",
    textDecoration: "underline wavy var(--bad)",
  },
  ".cm-lintPoint-error:after": { borderBottomColor: "var(--bad)" },
  ".cm-tooltip": tooltip,
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-code)", maxHeight: "14rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px var(--space-2)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--chosen)",
    color: "var(--ink)",
  },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-tooltip.cm-completionInfo": { ...tooltip, maxWidth: "20rem", padding: "var(--space-2)" },
  ".cm-tooltip-hover": { maxWidth: "24rem" },
  ".cm-description": { padding: "var(--space-2)", fontSize: "var(--text-s)" },
  ".cm-diagnostic-error": { borderLeft: "4px solid var(--bad)", fontSize: "var(--text-s)" },
});

const highlight = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--accent)" },
  { tag: tags.string, color: "var(--ok)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--odd)" },
  { tag: [tags.punctuation, tags.separator, tags.brace, tags.squareBracket], color: "var(--ink-soft)" },
]);

export const theme: Extension = [look, syntaxHighlighting(highlight)];
