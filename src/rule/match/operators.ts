/**
 * The operators of event patterns, one definition each: what it takes, when it fits, how it reads, an example.
 * Syntax and meaning are Amazon EventBridge's:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
import { is, isObject, type Json, type JsonObject, type Scalar, show } from "../json.ts";
import { complete, type SettingPath } from "../setting-path.ts";
import { contains, parseCidr } from "./cidr.ts";
import { compareNumbers, Decimal } from "./decimal.ts";
import { fitsWildcard, type Wildcard } from "./wildcard.ts";

/** What one element of a pattern's list demands of a field. */
export interface Condition {
  /** Goes on after "the field is": `anything but "x"`. */
  readonly phrase: string;
  fits(value: Scalar): boolean;
  /** Fits where the field is not in the event at all. */
  readonly absent?: true;
}

export interface Operator {
  readonly meaning: string;
  /** JSON Schema of the argument. */
  readonly schema: JsonObject;
  /** An argument that is right. */
  readonly example: Json;
  /** The argument's condition; undefined if it is wrong, which is said at the place. */
  read(argument: Json, place: SettingPath): Condition | undefined;
}

const text = { type: "string" } as const;

/** An empty text would deny everything. */
const filled = { type: "string", minLength: 1 } as const;

const ignoringCase = {
  type: "object",
  properties: { "equals-ignore-case": text },
  required: ["equals-ignore-case"],
  additionalProperties: false,
} as const;

/** A value that stands in a pattern's list by itself. */
export function equals(wanted: Scalar): Condition {
  return {
    phrase: show(wanted),
    fits: isNumber(wanted)
      ? (value) => isNumber(value) && compareNumbers(value, wanted) === 0
      : (value) => value === wanted,
  };
}

const prefix: Operator = {
  meaning: 'The text begins with this; in any case with `{"equals-ignore-case": …}`.',
  schema: { anyOf: [text, ignoringCase] },
  example: "@TGS#",
  read: (argument, place) =>
    isObject(argument)
      ? withTextInAnyCase(argument, place, (wanted) => ({
          phrase: `a text that begins with ${show(wanted)} in any case`,
          fits: (value) => typeof value === "string" && startInAnyCase(value, wanted) !== -1,
        }))
      : withText(argument, place, (wanted) => ({
          phrase: `a text that begins with ${show(wanted)}`,
          fits: (value) => typeof value === "string" && value.startsWith(wanted),
        })),
};

const suffix: Operator = {
  meaning: 'The text ends with this; in any case with `{"equals-ignore-case": …}`.',
  schema: { anyOf: [text, ignoringCase] },
  example: ".png",
  read: (argument, place) =>
    isObject(argument)
      ? withTextInAnyCase(argument, place, (wanted) => ({
          phrase: `a text that ends with ${show(wanted)} in any case`,
          fits: (value) => typeof value === "string" && endsInAnyCase(value, wanted),
        }))
      : withText(argument, place, (wanted) => ({
          phrase: `a text that ends with ${show(wanted)}`,
          fits: (value) => typeof value === "string" && value.endsWith(wanted),
        })),
};

const equalsIgnoreCase: Operator = {
  meaning: "The text is this, in upper or lower case.",
  schema: text,
  example: "android",
  read: (argument, place) =>
    withText(argument, place, (wanted) => ({
      phrase: `${show(wanted)} in any case`,
      fits: (value) => typeof value === "string" && startInAnyCase(value, wanted) === value.length,
    })),
};

const wildcardPattern = "^([^*\\\\]|\\\\[*\\\\]|\\*(?!\\*))*$";

const wildcard: Operator = {
  meaning:
    "The text fits, where `*` stands for any run of characters, `\\*` for a star and `\\\\` for a backslash.",
  schema: { type: "string", pattern: wildcardPattern },
  example: "*http*",
  read: (argument, place) =>
    withText(argument, place, (wanted) => {
      const pieces = readWildcard(wanted, place);
      return (
        pieces && {
          phrase: `a text like ${show(wanted)}`,
          fits: (value) => typeof value === "string" && fitsWildcard(pieces, value),
        }
      );
    }),
};

/** The only operators that `anything-but` turns round, and the texts that they take there. */
const deniable: Readonly<Record<string, { operator: Operator; text: JsonObject }>> = {
  prefix: { operator: prefix, text: filled },
  suffix: { operator: suffix, text: filled },
  "equals-ignore-case": { operator: equalsIgnoreCase, text },
  wildcard: { operator: wildcard, text: wildcard.schema },
};

const oneOrList = (schema: JsonObject) => ({
  anyOf: [schema, { type: "array", items: schema, minItems: 1 }],
});

const anythingBut: Operator = {
  meaning:
    "The field is there, with a value other than this text or number or those of this list, " +
    "or one that fits none of this `prefix`, `suffix`, `equals-ignore-case` or `wildcard` (each may be a list).",
  schema: {
    anyOf: [
      oneOrList(text),
      oneOrList({ type: "number" }),
      ...Object.entries(deniable).map(([name, one]) => ({
        type: "object",
        properties: { [name]: oneOrList(one.text) },
        required: [name],
        additionalProperties: false,
      })),
    ],
  },
  example: ["Public", "AVChatRoom"],
  read(argument, place) {
    if (isObject(argument)) {
      const entry = onlyEntry(argument, place, deniable);
      return entry && denied(entry.argument, entry.place, (wanted, at) => deny(entry.value, wanted, at));
    }
    const kinds = new Set(
      Array.isArray(argument) ? argument.map((item) => (isNumber(item) ? "number" : typeof item)) : [],
    );
    if (kinds.size > 1) return place.problem("must hold only texts or only numbers");
    return denied(argument, place, (wanted, at) =>
      typeof wanted === "string" || isNumber(wanted)
        ? equals(wanted)
        : at.problem(`must be a text or a number${is(wanted)}`),
    );
  },
};

function deny(
  { operator, text }: { operator: Operator; text: JsonObject },
  wanted: Json,
  place: SettingPath,
): Condition | undefined {
  if (typeof wanted !== "string") return place.problem(`must be a text${is(wanted)}`);
  if (wanted === "" && text === filled) return place.problem("must not be empty");
  return operator.read(wanted, place);
}

/** Fits what none of the conditions fits; `argument` is one of what `read` reads, or a list of them. */
function denied(
  argument: Json,
  place: SettingPath,
  read: (wanted: Json, place: SettingPath) => Condition | undefined,
): Condition | undefined {
  if (Array.isArray(argument) && argument.length === 0) return place.problem("must not be an empty list");
  const conditions = complete(
    Array.isArray(argument)
      ? argument.map((item, index) => read(item, place.item(index)))
      : [read(argument, place)],
  );
  return (
    conditions && {
      phrase: `anything but ${conditions.map(({ phrase }) => phrase).join(" or ")}`,
      fits: (value) => !conditions.some((condition) => condition.fits(value)),
    }
  );
}

const comparisons = {
  "=": (order: number) => order === 0,
  "<": (order: number) => order < 0,
  "<=": (order: number) => order <= 0,
  ">": (order: number) => order > 0,
  ">=": (order: number) => order >= 0,
} as const;

/** EventBridge's bound for numbers that are compared. */
const numericLimit = 5e9;

const bounded = { type: "number", minimum: -numericLimit, maximum: numericLimit } as const;

const numeric: Operator = {
  meaning: 'The number compares so: `["=", 5]`, `[">", 0]`, or a range that begins at its lower end.',
  schema: {
    anyOf: [
      {
        type: "array",
        prefixItems: [{ enum: ["=", "<", "<=", ">", ">="] }, bounded],
        minItems: 2,
        maxItems: 2,
      },
      {
        type: "array",
        prefixItems: [{ enum: [">", ">="] }, bounded, { enum: ["<", "<="] }, bounded],
        minItems: 4,
        maxItems: 4,
      },
    ],
  },
  example: [">", 0, "<=", 5],
  read(argument, place) {
    if (!Array.isArray(argument) || (argument.length !== 2 && argument.length !== 4)) {
      return place.problem('must be a list such as ["=", 5] or [">", 0, "<=", 5]');
    }
    const [first, lower, second, upper] = argument as readonly Json[];
    if (typeof first !== "string" || !Object.hasOwn(comparisons, first)) {
      return place.item(0).problem(`must be one of ${Object.keys(comparisons).join(" ")}${is(first)}`);
    }
    if (!isComparable(lower, place.item(1))) return undefined;
    if (argument.length === 2) return comparison(first, lower);

    if (first !== ">" && first !== ">=")
      return place.item(0).problem("must be > or >= at the lower end of a range");
    if (second !== "<" && second !== "<=") {
      return place.item(2).problem(`must be < or <= at the upper end of a range${is(second)}`);
    }
    if (!isComparable(upper, place.item(3))) return undefined;
    if (compareNumbers(lower, upper) >= 0) return place.problem("must have a lower end below its upper end");
    const over = comparison(first, lower);
    const under = comparison(second, upper);
    return {
      phrase: `${over.phrase} and ${second} ${show(upper)}`,
      fits: (value) => over.fits(value) && under.fits(value),
    };
  },
};

function isComparable(value: Json | undefined, place: SettingPath): value is number | Decimal {
  if (!isNumber(value)) return place.problem(`must be a number${is(value)}`) ?? false;
  if (compareNumbers(value, -numericLimit) < 0 || compareNumbers(value, numericLimit) > 0) {
    return place.problem(`must lie between -5e9 and 5e9${is(value)}`) ?? false;
  }
  return true;
}

function comparison(name: string, limit: number | Decimal): Condition {
  const holds = comparisons[name as keyof typeof comparisons];
  return {
    phrase: `a number ${name} ${show(limit)}`,
    fits: (value) => isNumber(value) && holds(compareNumbers(value, limit)),
  };
}

const exists: Operator = {
  meaning:
    "The field is in the event (true), or is not (false). A null is there; an object or an empty list is not.",
  schema: { type: "boolean" },
  example: false,
  read(argument, place) {
    if (argument === true) return { phrase: "there", fits: () => true };
    if (argument === false) return { phrase: "absent", fits: () => false, absent: true };
    return place.problem(`must be true or false${is(argument)}`);
  },
};

const cidr: Operator = {
  meaning: "The text is an IPv4 or IPv6 address in this range.",
  schema: { type: "string", pattern: "^[0-9A-Fa-f.:]+/\\d{1,3}$" },
  example: "203.0.113.0/24",
  read: (argument, place) =>
    withText(argument, place, (wanted) => {
      const range = wanted.includes("/") ? parseCidr(wanted) : null;
      return range === null
        ? place.problem(`must be a range such as 203.0.113.0/24 or 2001:db8::/32${is(wanted)}`)
        : {
            phrase: `an address in ${wanted}`,
            fits: (value) => typeof value === "string" && contains(range, value),
          };
    }),
};

export const operators: Readonly<Record<string, Operator>> = {
  prefix,
  suffix,
  "equals-ignore-case": equalsIgnoreCase,
  wildcard,
  "anything-but": anythingBut,
  numeric,
  exists,
  cidr,
};

/** The condition of an object in a pattern's list: `{"prefix": "…"}`. */
export function readOperator(value: Json, place: SettingPath): Condition | undefined {
  if (!isObject(value)) return place.problem("must be a text, a number, true, false, null or an operator");
  const entry = onlyEntry(value, place, operators);
  return entry?.value.read(entry.argument, entry.place);
}

/** An object's only key, which must be one of the known ones, and what is known of it. */
function onlyEntry<Value>(object: JsonObject, place: SettingPath, known: Readonly<Record<string, Value>>) {
  const names = Object.keys(object);
  const [name] = names;
  const choice = `one of ${Object.keys(known).join(", ")}`;
  if (name === undefined) return place.problem(`must hold an operator: ${choice}`);
  if (names.length > 1) return place.problem(`must hold one operator, holds ${names.length}`);
  if (!Object.hasOwn(known, name))
    return place.key(name).problem(`is not an operator here: expected ${choice}`);
  return { value: known[name]!, argument: object[name]!, place: place.key(name) };
}

function withText(
  argument: Json,
  place: SettingPath,
  read: (wanted: string) => Condition | undefined,
): Condition | undefined {
  return typeof argument === "string" ? read(argument) : place.problem(`must be a text${is(argument)}`);
}

/** The argument of `{"prefix": {"equals-ignore-case": "…"}}`. */
function withTextInAnyCase(
  argument: JsonObject,
  place: SettingPath,
  read: (wanted: string) => Condition,
): Condition | undefined {
  const entry = onlyEntry(argument, place, { "equals-ignore-case": equalsIgnoreCase });
  return entry && withText(entry.argument, entry.place, read);
}

function readWildcard(written: string, place: SettingPath): Wildcard | undefined {
  const pieces = [""];
  for (let at = 0; at < written.length; at++) {
    let character = written[at]!;
    if (character === "*") {
      if (written[at + 1] === "*") return place.problem(`must not hold two * in a row (character ${at + 1})`);
      pieces.push("");
      continue;
    }
    if (character === "\\") {
      character = written[++at] ?? "";
      if (character !== "*" && character !== "\\") {
        return place.problem(`must hold \\ only before * or \\ (character ${at})`);
      }
    }
    pieces[pieces.length - 1] += character;
  }
  return pieces;
}

/** A character, and what it is in lower and in upper case, which may be longer: as EventBridge has it, ß is ß or SS. */
function cases(character: string): readonly string[] {
  return [character, character.toLowerCase(), character.toUpperCase()];
}

/** Where `wanted` ends if the text begins with it in any case, else -1. */
function startInAnyCase(text: string, wanted: string): number {
  let at = 0;
  for (const character of wanted) {
    const form = cases(character).find((one) => text.startsWith(one, at));
    if (form === undefined) return -1;
    at += form.length;
  }
  return at;
}

function endsInAnyCase(text: string, wanted: string): boolean {
  let at = text.length;
  for (const character of [...wanted].reverse()) {
    const form = cases(character).find((one) => text.endsWith(one, at));
    if (form === undefined) return false;
    at -= form.length;
  }
  return true;
}

function isNumber(value: Json | undefined): value is number | Decimal {
  return typeof value === "number" || value instanceof Decimal;
}
