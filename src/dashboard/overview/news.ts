/** Relay events as news: a fault that comes every minute is one line, so that it hides nothing else. */

interface Told {
  command: string;
  conversation: string | null;
}

export interface News<Event> {
  /** The last one. */
  event: Event;
  /** How many before it say the same of the same destination or command. */
  earlier: number;
}

/** @param events newest first @param most lines */
export function newsOf<Event extends Told>(events: readonly Event[], most: number): News<Event>[] {
  const bySubject = new Map<string, News<Event>>();
  events.forEach((event, index) => {
    const { command, conversation } = event;
    // Without a subject, two of a kind may be about different things: actions are.
    const isAlone = conversation === null || conversation === "relay:";
    const subject = isAlone ? String(index) : `${command} ${conversation}`;
    const known = bySubject.get(subject);
    if (known) known.earlier++;
    else bySubject.set(subject, { event, earlier: 0 });
  });
  return [...bySubject.values()].slice(0, most);
}
