/** Sentences of the gateway for people. They are English; the page tells them in its own language, too. */

declare const told: unique symbol;

/** A sentence, or a part of one, whose words are known: it was made by `say`. */
export type Sentence = string & { readonly [told]: true };

/** A part of a sentence: data, or another sentence. A constant text is neither: its words would stay English. */
type Part<Given> = Given extends string
  ? string extends Given
    ? Given
    : Given extends Sentence | ""
      ? Given
      : never
  : Given;

/**
 * Makes a sentence: say`expected a number from ${least} to ${most}`. `npm run docs` reads these templates out of the
 * sources, and the compiler asks the page for the Chinese of each.
 */
export function say<const Given extends readonly unknown[]>(
  words: TemplateStringsArray,
  ...parts: { [Index in keyof Given]: Part<Given[Index]> }
): Sentence {
  return String.raw({ raw: words }, ...parts) as Sentence;
}

/** `a, b, c`; empty without any. */
export const listed = joining((first, next) => say`${first}, ${next}`);

/** `a; b; c` */
export const inTurn = joining((first, next) => say`${first}; ${next}`);

/** `a or b or c` */
export const either = joining((first, next) => say`${first} or ${next}`);

/** `a and b and c` */
export const both = joining((first, next) => say`${first} and ${next}`);

function joining(pair: (first: string, next: string) => Sentence) {
  return (parts: readonly string[]): Sentence =>
    parts.length === 0 ? say`` : (parts as readonly Sentence[]).reduce(pair);
}
