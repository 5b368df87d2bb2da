/** How the example receiver answers: rightly, or with trouble that somebody wants to see the gateway handle. */

interface Definition {
  /** The status of its answers. 200 stands for 204 where no verdict is asked for. */
  status: 200 | 500;
  /** The time before it answers, milliseconds. */
  delayMs: number;
  /** Whether its verdicts refuse. */
  refuses: boolean;
  meaning: string;
}

const behaviour = (definition: Definition) => definition;

/** Each begins with another letter, which alone names it, too. */
export const behaviours = {
  ok: behaviour({ status: 200, delayMs: 0, refuses: false, meaning: "it answers rightly and at once" }),
  fail: behaviour({ status: 500, delayMs: 0, refuses: false, meaning: "it fails: every answer is 500" }),
  slow: behaviour({
    status: 200,
    delayMs: 3_000,
    refuses: false,
    meaning: "it is slow: answers take 3 s, which is too late for a verdict",
  }),
  refuse: behaviour({
    status: 200,
    delayMs: 0,
    refuses: true,
    meaning: "its verdicts refuse; other events are received as ever",
  }),
};

export type Behaviour = keyof typeof behaviours;

/** The behaviour that a word, or its first letter, names; null if none. */
export function behaviourOf(word: string): Behaviour | null {
  const names = Object.keys(behaviours) as Behaviour[];
  return names.find((name) => [name, name[0]].includes(word.trim().toLowerCase())) ?? null;
}
