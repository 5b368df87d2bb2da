/** JSON with comments and trailing commas, as its author wrote it: mistakes are named by line, numbers keep every digit. */
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { stepsOf } from "../rule/setting-path.ts";

export interface JsonDocument {
  /** The file's name, for sentences. */
  file: string;
  text: string;
  root: Node;
}

/** @throws Error with a sentence for each mistake */
export function readJsonDocument(file: string, text: string): JsonDocument {
  const errors: ParseError[] = [];
  const root = parseTree(text.replace(/^\ufeff/, " "), errors, { allowTrailingComma: true });
  if (errors.length === 0 && root) return { file, text, root };
  const sentences = errors.map(
    ({ error, offset }) =>
      `${file}:${lineAt(text, offset)}: is not JSON: ${words(printParseErrorCode(error))}`,
  );
  throw new Error([...new Set(sentences)].join("\n") || `${file}: is empty`);
}

/** The value in strict JSON, with its numbers as written, and with keys that are given twice. */
export function strictText({ text }: JsonDocument, node: Node): string {
  const strict = (node: Node): string => {
    const children = (node.children ?? []).map(strict);
    if (node.type === "object") return `{${children.join()}}`;
    if (node.type === "array") return `[${children.join()}]`;
    if (node.type === "property") return children.join(":");
    return text.slice(node.offset, node.offset + node.length);
  };
  return strict(node);
}

/**
 * A sentence about a value, with the file and line of that value before it: `tim-relay.jsonc:7: rules[1].retry: …`.
 * @param sentence begins with the value's path. If that is missing in the document, the line is that of its parent
 */
export function placed({ file, text, root }: JsonDocument, sentence: string): string {
  const [path = ""] = /^(\.?[^\s."'[\]:]+|\[\d+\]|\["(?:[^"\\]|\\.)*"\])*/.exec(sentence) ?? [];
  const steps = stepsOf(path);
  let node: Node | undefined;
  for (let length = steps.length; !node; length--) node = findNodeAtLocation(root, steps.slice(0, length));
  // Of a property the line is that of its key.
  const { offset } = node.parent?.type === "property" ? node.parent : node;
  return `${file}:${lineAt(text, offset)}: ${sentence}`;
}

/** From 1. */
function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** `CloseBraceExpected` → `close brace expected`. */
function words(code: string): string {
  return code.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
}
