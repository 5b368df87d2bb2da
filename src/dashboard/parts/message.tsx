/** Messages about a person's last action. Screen readers read them out; they go by themselves. */
import { signal } from "@preact/signals";
import type { Tone } from "../tones.ts";
import "./message.css";

interface Message {
  id: number;
  tone: Tone;
  sentence: string;
}

const messages = signal<readonly Message[]>([]);
const shownMs = 6_000;
let last = 0;

export function tell(tone: Tone, sentence: string): void {
  const id = ++last;
  messages.value = [...messages.value.slice(-2), { id, tone, sentence }];
  setTimeout(() => {
    messages.value = messages.value.filter((message) => message.id !== id);
  }, shownMs);
}

export function Messages() {
  return (
    <div class="messages" role="status" aria-live="polite">
      {messages.value.map(({ id, tone, sentence }) => (
        <p key={id} class="message" data-tone={tone}>
          {sentence}
        </p>
      ))}
    </div>
  );
}
