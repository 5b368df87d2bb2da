/** One of a few choices, side by side. */
import { Button } from "./button.tsx";
import "./choice.css";

interface Props<Name extends string> {
  label: string;
  choices: readonly (readonly [Name, string])[];
  chosen: Name;
  onChoose(name: Name): void;
}

export function Choice<Name extends string>({ label, choices, chosen, onChoose }: Props<Name>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset takes a legend, which has no place in a line
    <div class="choice" role="group" aria-label={label}>
      {choices.map(([name, title]) => (
        <Button key={name} pressed={name === chosen} onPress={() => onChoose(name)}>
          {title}
        </Button>
      ))}
    </div>
  );
}
