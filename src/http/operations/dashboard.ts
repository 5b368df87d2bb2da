/** The page at `/`, and its files. */
import * as v from "valibot";
import { described } from "./answers.ts";
import type { Documented } from "./documented.ts";

export const dashboardOperations = {
  getPage: {
    tag: "Gateway",
    summary: "The dashboard: a page for people.",
    answer: described(v.string(), "An HTML document."),
    type: "text/html",
  },
  getPageFile: {
    tag: "Gateway",
    summary: "A file that the page names.",
    isOfPage: true,
    answer: described(v.string(), "The content of the file."),
    type: "*/*",
    notFound: "The page has no such file.",
  },
} satisfies Record<string, Documented>;
