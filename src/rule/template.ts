/**
 * Templates: JSON in which `{{body.From_Account}}` stands for a field of the event. A template is read once, and then
 * filled by joining texts: its own, and the fields as the event writes them.
 */
import type { Event } from "../callback/event.ts";
import { say } from "../sentence.ts";
import { type FieldPath, fieldTexts, readFieldPath } from "./field-path.ts";
import { isObject, isScalar, type Json } from "./json.ts";
import { complete, type SettingPath } from "./setting-path.ts";

export interface Template {
  /** The JSON text that the template makes of an event; null: it is longer than `mostFilled`. */
  fill(event: Event): string | null;
}

/** A field of the event. `alone`: the field itself; otherwise its text within a text. */
interface Placeholder extends FieldPath {
  alone: boolean;
}

/** JSON text that stays, or a placeholder. */
type Part = string | Placeholder;

/** Bounds what one event can be made to. */
const maxPlaceholders = 256;

/** Characters of a filled template: placeholders may repeat a large body. */
export const mostFilled = 2 * 1024 * 1024;

/** Undefined if the template is wrong; every mistake has then been reported through `path`. */
export function compileTemplate(value: Json, path: SettingPath): Template | undefined {
  const parts = partsOf(value, path);
  if (parts === undefined) return undefined;
  const placeholders = parts.filter((part) => typeof part !== "string");
  if (placeholders.length > maxPlaceholders)
    return path.problem(say`has more than ${maxPlaceholders} placeholders`);
  const fields = fieldTexts(placeholders);
  return {
    fill(event) {
      const values = fields(event);
      let next = 0;
      let text = "";
      for (const part of parts) {
        if (typeof part === "string") text += part;
        else {
          const field = values[next++];
          text += part.alone ? (field ?? "null") : withinText(field);
        }
        if (text.length > mostFilled) return null;
      }
      return text;
    },
  };
}

/** A field as a part of a JSON text literal. Null counts as absent, as a parameter that the query lacks is null. */
function withinText(field: string | undefined): string {
  if (field === undefined || field === "null") return "";
  return field.startsWith('"') ? field.slice(1, -1) : JSON.stringify(field).slice(1, -1);
}

function partsOf(value: Json, path: SettingPath): readonly Part[] | undefined {
  if (typeof value === "string") return partsOfText(value, path);
  if (isScalar(value)) return [JSON.stringify(value)];
  if (!isObject(value)) {
    const items = value.map((item, index) => partsOf(item, path.item(index)));
    return joined("[", items, "]");
  }
  const members = Object.entries(value).map(([name, inner]) => {
    const at = path.key(name);
    if (name.includes("{{")) return at.problem(say`is a name with a placeholder: expected it in a value`);
    const parts = partsOf(inner, at);
    return parts && [`${JSON.stringify(name)}:`, ...parts];
  });
  return joined("{", members, "}");
}

function joined(
  open: string,
  items: readonly (readonly Part[] | undefined)[],
  close: string,
): readonly Part[] | undefined {
  const all = complete(items);
  return all && [open, ...all.flatMap((parts, index) => (index === 0 ? parts : [",", ...parts])), close];
}

/** A placeholder, with or without its end. */
const placeholder = /\{\{(?:((?:(?!\{\{).)*?)\}\})?/gs;

function partsOfText(text: string, path: SettingPath): readonly Part[] | undefined {
  const found = [...text.matchAll(placeholder)];
  const alone = found.length === 1 && found[0]![0] === text;
  let from = 0;
  const parts = found.flatMap((match): (Part | undefined)[] => {
    const before = literal(text.slice(from, match.index));
    from = match.index + match[0].length;
    return [before, readPlaceholder(match[1]?.trim(), alone, path)];
  });
  const all = complete(parts);
  if (all === undefined || alone) return all?.slice(1);
  return ['"', ...all, literal(text.slice(from)), '"'];
}

function literal(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function readPlaceholder(
  field: string | undefined,
  alone: boolean,
  path: SettingPath,
): Placeholder | undefined {
  if (field === undefined) return path.problem(say`has a placeholder without an end: expected }} after {{`);
  if (field === "")
    return path.problem(say`has an empty placeholder: expected a field such as {{body.MsgKey}}`);
  const read = readFieldPath(field);
  if (typeof read === "string") return path.problem(say`has a placeholder ${read}`);
  return { ...read, alone };
}
