/** The filter as one line of text, with suggestions for the token at the caret. */
import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { useAnswer } from "../answer.ts";
import { Icon } from "../parts/icon.tsx";
import { type Known, type Suggestion, suggestions } from "./filter.ts";
import { text } from "./text.ts";

/** Lengths of time as the gateway reads them. */
const times = ["10m", "1h", "6h", "24h", "7d"];
const states = ["quarantined", "dead", "retrying", "pending", "delivered"];
const verdicts = ["refuse", "allow"];

export function FilterBar({ typed, onSearch }: { typed: string; onSearch(filter: string): void }) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const value = useSignal(typed);
  const offered = useSignal<readonly Suggestion[]>([]);
  const chosen = useSignal(-1);
  const known = useKnown();

  useEffect(() => {
    value.value = typed;
  }, [typed, value]);

  const offer = () => {
    const { selectionStart } = input.current!;
    offered.value = suggestions(value.value, selectionStart ?? value.value.length, known);
    chosen.value = -1;
  };
  const close = () => {
    offered.value = [];
    chosen.value = -1;
  };
  const take = ({ typed, caret }: Suggestion) => {
    value.value = typed;
    close();
    const element = input.current!;
    element.value = typed;
    element.focus();
    element.setSelectionRange(caret, caret);
    if (typed[caret - 1] === ":") offer();
    else onSearch(typed.trim());
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && offered.value.length > 0) {
      chosen.value = (chosen.value + step + offered.value.length) % offered.value.length;
    } else if (event.key === "Enter") {
      const picked = offered.value[chosen.value];
      if (picked) take(picked);
      else {
        close();
        onSearch(value.value.trim());
      }
    } else if (event.key === "Escape") {
      if (offered.value.length > 0) close();
      else input.current!.blur();
    } else return;
    event.preventDefault();
  };

  const isOpen = offered.value.length > 0;
  return (
    <div class="filter-bar">
      <Icon name="search" />
      <input
        ref={input}
        data-search
        type="text"
        role="combobox"
        aria-label={text.value.search}
        aria-expanded={isOpen}
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={chosen.value >= 0 ? `${id}-${chosen.value}` : undefined}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        placeholder={text.value.placeholder}
        value={value}
        onInput={({ currentTarget }) => {
          value.value = currentTarget.value;
          offer();
        }}
        onFocus={offer}
        onBlur={close}
        onKeyDown={press}
      />
      {isOpen && (
        <div id={id} class="offers" role="listbox" aria-label={text.value.suggestions}>
          {offered.value.map((suggestion, index) => (
            <div
              key={suggestion.label}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen.value}
              onMouseDown={(event) => {
                event.preventDefault();
                take(suggestion);
              }}
            >
              {suggestion.label}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

/** The values that the gateway knows. They are asked for once, when the bar is first shown. */
function useKnown(): Known {
  const commands = useAnswer((relay, signal) => relay.get("/api/commands", { signal }));
  const destinations = useAnswer((relay, signal) => relay.get("/api/destinations", { signal }));
  const names = (commands.value?.commands ?? []).map(({ command }) => command);
  const families = [...new Set(names.map((name) => `${name.split(".")[0]}.*`))];
  return {
    command: [...families, "Relay.*", ...names],
    destination: (destinations.value ?? []).map(({ name }) => name),
    state: states,
    verdict: verdicts,
    since: times,
    until: times,
  };
}
