/** Sentences of the gateway in the page's language. The Chinese ones come when the page is Chinese. */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { clock } from "../figures.ts";
import { language } from "../language.ts";

type Tell = (sentence: string) => string;

const asIs: Tell = (sentence) => sentence;

const inChinese = signal<Tell | null>(null);

effect(() => {
  if (language.value === "zh" && inChinese.peek() === null)
    Promise.all([import("./translate.ts"), import("./chinese.ts"), import("./summaries.ts")]).then(
      ([{ translator }, { chinese, outermost, together }, { summaries }]) =>
        (inChinese.value = translator({ ...together, ...chinese, ...summaries }, outermost)),
      // Without it they are English, as the API tells them.
      () => {},
    );
});

/** An instant as the API writes it. */
const instant = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/** A sentence of the API in the page's language, with local times. */
export const told: ReadonlySignal<Tell> = computed(() => {
  const tell = (language.value === "zh" && inChinese.value) || asIs;
  return (sentence) => tell(sentence).replace(instant, (text) => clock(new Date(text)));
});
