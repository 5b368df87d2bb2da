/**
 * The operators of event patterns, one definition each: the argument, the condition, its phrase and an example.
 * Syntax and meaning are Amazon EventBridge's:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */

import { say } from "../../sentence.ts";
import { got, gotOther, isObject, type Json, type JsonObject, show } from "../json.ts";
import type { SettingPath } from "../setting-path.ts";
import { endOfStart, endsWith } from "./any-case.ts";
import { contains, parseCidr } from "./cidr.ts";
import { compareNumbers, type Decimal } from "./decimal.ts";
import {
  type Condition,
  equals,
  isNumber,
  noneOf,
  type Operator,
  onlyEntry,
  readAffix,
  withText,
} from "./operator.ts";
import { fitsWildcard, parseWildcard } from "./wildcard.ts";

const text = { type: "string" } as const;

const nonEmptyText = { type: "string", minLength: 1 } as const;

const ignoringCase = {
  type: "object",
  properties: { "equals-ignore-case": text },
  required: ["equals-ignore-case"],
  additionalProperties: false,
} as const;

const prefix: Operator = {
  meaning: 'The text begins with this; in any case with `{"equals-ignore-case": …}`.',
  schema: { anyOf: [text, ignoringCase] },
  example: "@TGS#",
  read: (argument, path) =>
    readAffix(argument, path, (start) => say`a text that begins with ${start}`, {
      exactly: (value, start) => value.startsWith(start),
      inAnyCase: (value, start) => endOfStart(value, start) !== -1,
    }),
};

const suffix: Operator = {
  meaning: 'The text ends with this; in any case with `{"equals-ignore-case": …}`.',
  schema: { anyOf: [text, ignoringCase] },
  example: ".png",
  read: (argument, path) =>
    readAffix(argument, path, (end) => say`a text that ends with ${end}`, {
      exactly: (value, end) => value.endsWith(end),
      inAnyCase: endsWith,
    }),
};

const equalsIgnoreCase: Operator = {
  meaning: "The text is this, in upper or lower case.",
  schema: text,
  example: "android",
  read: (argument, path) =>
    withText(argument, path, (wanted) => ({
      phrase: say`${show(wanted)} in any case`,
      fits: (value) => typeof value === "string" && endOfStart(value, wanted) === value.length,
    })),
};

const wildcardPattern = "^([^*\\\\]|\\\\[*\\\\]|\\*(?!\\*))*$";

const wildcard: Operator = {
  meaning:
    "The text fits, where `*` stands for any run of characters, `\\*` for a star and `\\\\` for a backslash.",
  schema: { type: "string", pattern: wildcardPattern },
  example: "*http*",
  read: (argument, path) =>
    withText(argument, path, (written) => {
      const wildcard = parseWildcard(written);
      if ("problem" in wildcard) return path.problem(wildcard.problem);
      return {
        phrase: say`a text like ${show(written)}`,
        fits: (value) => typeof value === "string" && fitsWildcard(wildcard.pieces, value),
      };
    }),
};

/** The operators that `anything-but` may deny. An empty prefix or suffix would deny every text. */
const deniable = {
  prefix: { operator: prefix, allowsEmpty: false },
  suffix: { operator: suffix, allowsEmpty: false },
  "equals-ignore-case": { operator: equalsIgnoreCase, allowsEmpty: true },
  wildcard: { operator: wildcard, allowsEmpty: true },
};

type Deniable = (typeof deniable)[keyof typeof deniable];

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
      ...Object.entries(deniable).map(([name, { operator, allowsEmpty }]) => ({
        type: "object",
        properties: { [name]: oneOrList(allowsEmpty ? operator.schema : nonEmptyText) },
        required: [name],
        additionalProperties: false,
      })),
    ],
  },
  example: ["Public", "AVChatRoom"],
  read(argument, path) {
    if (isObject(argument)) {
      const entry = onlyEntry<Deniable>(argument, path, deniable);
      return entry && noneOf(entry.argument, entry.path, (one, at) => readDenied(entry.value, one, at));
    }
    const kinds = new Set(
      Array.isArray(argument) ? argument.map((item) => (isNumber(item) ? "number" : typeof item)) : [],
    );
    if (kinds.size > 1) return path.problem(say`expected only texts or only numbers`);
    return noneOf(argument, path, (one, at) =>
      typeof one === "string" || isNumber(one)
        ? equals(one)
        : at.problem(say`expected a text or a number, ${got(one)}`),
    );
  },
};

function readDenied(
  { operator, allowsEmpty }: Deniable,
  argument: Json,
  path: SettingPath,
): Condition | undefined {
  if (typeof argument !== "string") return path.problem(say`expected a text, ${got(argument)}`);
  if (argument === "" && !allowsEmpty) return path.problem(say`is empty`);
  return operator.read(argument, path);
}

const comparisons = {
  "=": (order: number) => order === 0,
  "<": (order: number) => order < 0,
  "<=": (order: number) => order <= 0,
  ">": (order: number) => order > 0,
  ">=": (order: number) => order >= 0,
} as const;

/** EventBridge's bound for the numbers of `numeric`. */
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
  read(argument, path) {
    if (!Array.isArray(argument) || (argument.length !== 2 && argument.length !== 4)) {
      return path.problem(say`expected a list such as ["=", 5] or [">", 0, "<=", 5]`);
    }
    const [first, lower, second, upper] = argument as readonly Json[];
    if (typeof first !== "string" || !Object.hasOwn(comparisons, first)) {
      return path
        .item(0)
        .problem(say`expected one of ${Object.keys(comparisons).join(" ")}, ${gotOther(first)}`);
    }
    if (!isComparable(lower, path.item(1))) return undefined;
    if (argument.length === 2) return comparison(first, lower);

    if (first !== ">" && first !== ">=")
      return path.item(0).problem(say`expected > or >= at the lower end of a range`);
    if (second !== "<" && second !== "<=") {
      return path.item(2).problem(say`expected < or <= at the upper end of a range, ${gotOther(second)}`);
    }
    if (!isComparable(upper, path.item(3))) return undefined;
    if (compareNumbers(lower, upper) >= 0) return path.problem(say`expected a lower end below its upper end`);
    const over = comparison(first, lower);
    const under = comparison(second, upper);
    return {
      phrase: say`${over.phrase} and ${`${second} ${show(upper)}` as string}`,
      fits: (value) => over.fits(value) && under.fits(value),
    };
  },
};

function isComparable(value: Json | undefined, path: SettingPath): value is number | Decimal {
  if (!isNumber(value)) return path.problem(say`expected a number, ${got(value)}`) ?? false;
  if (compareNumbers(value, -numericLimit) < 0 || compareNumbers(value, numericLimit) > 0) {
    return path.problem(say`expected a number from -5e9 to 5e9, ${got(value)}`) ?? false;
  }
  return true;
}

function comparison(name: string, limit: number | Decimal): Condition {
  const holds = comparisons[name as keyof typeof comparisons];
  return {
    phrase: say`a number ${`${name} ${show(limit)}` as string}`,
    fits: (value) => isNumber(value) && holds(compareNumbers(value, limit)),
  };
}

const exists: Operator = {
  meaning:
    "The field is in the event (true), or is not (false). A null is there; an object or an empty list is not.",
  schema: { type: "boolean" },
  example: false,
  read(argument, path) {
    if (argument === true) return { phrase: say`there`, fits: () => true };
    if (argument === false) return { phrase: say`absent`, fits: () => false, absent: true };
    return path.problem(say`expected true or false, ${got(argument)}`);
  },
};

const cidr: Operator = {
  meaning: "The text is an IPv4 or IPv6 address in this range.",
  schema: { type: "string", pattern: "^[0-9A-Fa-f.:]+/\\d{1,3}$" },
  example: "203.0.113.0/24",
  read: (argument, path) =>
    withText(argument, path, (wanted) => {
      const range = wanted.includes("/") ? parseCidr(wanted) : null;
      return range === null
        ? path.problem(say`expected a range such as 203.0.113.0/24 or 2001:db8::/32, ${gotOther(wanted)}`)
        : {
            phrase: say`an address in ${wanted}`,
            fits: (value) => typeof value === "string" && contains(range, value),
          };
    }),
};

export const operators = {
  prefix,
  suffix,
  "equals-ignore-case": equalsIgnoreCase,
  wildcard,
  "anything-but": anythingBut,
  numeric,
  exists,
  cidr,
} satisfies Readonly<Record<string, Operator>>;

export type OperatorName = keyof typeof operators;

/** The condition of an object in a pattern's list, such as `{"prefix": "…"}`. */
export function readOperator(value: Json, path: SettingPath): Condition | undefined {
  if (!isObject(value)) return path.problem(say`expected a text, a number, true, false, null or an operator`);
  const entry = onlyEntry(value, path, operators);
  return entry?.value.read(entry.argument, entry.path);
}
