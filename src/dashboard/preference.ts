/** A choice that a person made about the page. It stays in the browser; the token never does. */

const key = (name: string) => `tim-relay.${name}`;

/** The remembered choice, if it is still one. */
export function preference<Choice extends string>(name: string, choices: readonly Choice[]): Choice | null {
  const kept = stored(name);
  return choices.find((choice) => choice === kept) ?? null;
}

export function prefer(name: string, choice: string | null): void {
  try {
    if (choice === null) localStorage.removeItem(key(name));
    else localStorage.setItem(key(name), choice);
  } catch {
    // A browser may forbid storage: then the choice lasts as long as the page.
  }
}

function stored(name: string): string | null {
  try {
    return localStorage.getItem(key(name));
  } catch {
    return null;
  }
}
