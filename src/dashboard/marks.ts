/** Punctuation between the parts of a sentence that the page puts together. */
import { texts } from "./language.ts";

export const marks = texts({
  en: { comma: ", ", colon: ": ", stop: ". ", item: ", " },
  zh: { comma: "，", colon: "：", stop: "。", item: "、" },
});
