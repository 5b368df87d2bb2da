/**
 * `tim-relay.jsonc`: variables, rules and redaction of one deployment. It belongs to the user: the project has no such
 * file, an upgrade does not touch it, and no test reads it.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Node } from "jsonc-parser";
import { repeatedKeys } from "../rule/json-text.ts";
import { nearestOf } from "../rule/nearest.ts";
import { inside, pathAt, type SettingPath } from "../rule/setting-path.ts";
import { type Sentence, say } from "../sentence.ts";
import { ruleVariables, settings } from "../settings.ts";
import { isErrno } from "./errno.ts";
import { type JsonDocument, placed, readJsonDocument, strictText } from "./json-with-comments.ts";
import { rulesInVariables } from "./rule-variables.ts";

export const userFileName = "tim-relay.jsonc";

/** The settings of the file for one deployment. */
export interface UserPart {
  /** The variables under their names in the Worker, rules and redaction included. An empty text unsets a variable. */
  variables: Readonly<Record<string, string>>;
  /** The list of rules with its path in the file, which names its mistakes; null: the file has no rules. */
  rules: { name: string; value: string } | null;
  /** The path of each variable in the file, but of rules: `vars.SHARDS`, `redact`. */
  paths: ReadonlyMap<string, string>;
  /** The hosts of the owner's zones under which the Worker is reached. */
  domains: readonly string[];
}

export interface UserFile extends UserPart {
  document: JsonDocument;
  /** By the name that `--env` gives. */
  environments: ReadonlyMap<string, UserPart>;
}

/** The names of the variables that `vars` takes. `REDACT` and the rules have keys of their own. */
export const plainVariables: readonly string[] = Object.entries(settings)
  .filter(([name, { kind }]) => kind === "variable" && name !== "REDACT")
  .map(([name]) => name);

const partKeys = ["vars", "rules", "redact", "domains"];
const fileKeys = ["$schema", ...partKeys, "environments"];

/** The file; null if there is none. @throws Error with a sentence for each mistake outside of rules and redaction */
export function readUserFile(path: string): UserFile | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return null;
    throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  return parseUserFile(basename(path), text);
}

export function parseUserFile(file: string, text: string): UserFile {
  const document = readJsonDocument(file, text);
  const mistakes: string[] = [];
  const root = pathAt("", (at, message) => mistakes.push(placed(document, `${at}: ${message}`)));
  const reader = new PartReader(document);
  if (document.root.type !== "object")
    throw new Error(
      `${file}:1: expected an object with ${fileKeys.join(", ")}, got ${kindOf(document.root)}`,
    );
  const members = membersOf(document.root, root, fileKeys) ?? new Map();
  const part = reader.read(members, root);
  const environments = new Map<string, UserPart>();
  const given = members.get("environments");
  for (const [name, node] of (given && membersOf(given, root.key("environments"), null)) ?? []) {
    const at = root.key("environments").key(name);
    if (!/^[a-z0-9-]{1,40}$/.test(name))
      at.problem(say`expected a name of a-z, 0-9 and -, 40 characters at most`);
    environments.set(name, reader.read(membersOf(node, at, partKeys) ?? new Map(), at));
  }
  // A rule or a mask with a key that is given twice is reported by its own reader.
  for (const steps of repeatedKeys(strictText(document, document.root)))
    if (!steps.slice(0, -1).some((step) => step === "rules" || step === "redact"))
      inside(root, steps).problem(say`is given twice`);
  if (mistakes.length > 0) throw new Error([...new Set(mistakes)].join("\n"));
  return { document, environments, ...part };
}

/** The part of an environment: it has what the file gives to all, but for what it gives itself. */
export function partFor(file: UserFile, environment: string | null): UserPart {
  const own = environment === null ? undefined : file.environments.get(environment);
  if (!own) return file;
  return {
    variables: { ...file.variables, ...own.variables },
    rules: own.rules ?? file.rules,
    paths: new Map([...file.paths, ...own.paths]),
    // A host leads to one Worker.
    domains: own.domains,
  };
}

/** Whether a text is the name of a host, without scheme and path. */
export function isDomain(text: string): boolean {
  return text.length < 254 && /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(text);
}

/** The names that a text of rules mentions as `$NAME`. Some may be parts of other texts. */
export function secretsNamedIn(rules: string): string[] {
  return [...rules.matchAll(/\$\$|\$([A-Za-z_]\w*)/g)].flatMap(([, name]) => name ?? []);
}

/** Reads the parts of one document. */
class PartReader {
  readonly #document: JsonDocument;
  /** The secrets that any of its rules names. */
  readonly #secrets: ReadonlySet<string>;

  constructor(document: JsonDocument) {
    this.#document = document;
    this.#secrets = new Set(secretsNamedIn(strictText(document, document.root)));
  }

  read(members: ReadonlyMap<string, Node>, at: SettingPath): UserPart {
    const vars = this.#vars(members.get("vars"), at.key("vars"));
    const rules = this.#list(members.get("rules"), at.key("rules"));
    const redact = this.#list(members.get("redact"), at.key("redact"));
    const paths = Object.keys(vars).map((name): [string, string] => [name, at.key("vars").key(name).text]);
    return {
      variables: {
        ...vars,
        ...(rules === null ? {} : rulesInVariables(rules, at.key("rules"))),
        ...(redact === null ? {} : { REDACT: redact }),
      },
      rules: rules === null ? null : { name: at.key("rules").text, value: rules },
      paths: new Map(redact === null ? paths : [...paths, ["REDACT", at.key("redact").text]]),
      domains: this.#domains(members.get("domains"), at.key("domains")),
    };
  }

  #domains(node: Node | undefined, at: SettingPath): string[] {
    if (!node || this.#list(node, at) === null) return [];
    return (node.children ?? []).flatMap(({ type, value }, index) =>
      type === "string" && isDomain(value)
        ? [value]
        : (at.item(index).problem(say`expected a host such as tim.example.com`) ?? []),
    );
  }

  #list(node: Node | undefined, at: SettingPath): string | null {
    if (!node) return null;
    if (node.type === "array") return strictText(this.#document, node);
    at.problem(say`expected a list, got ${kindOf(node)}`);
    return null;
  }

  #vars(node: Node | undefined, at: SettingPath): Record<string, string> {
    const vars: Record<string, string> = {};
    for (const [name, value] of (node && membersOf(node, at, null)) ?? []) {
      const problem = variableProblem(name, this.#secrets);
      const text = problem === null ? textOf(value, at.key(name)) : at.key(name).problem(problem as Sentence);
      if (text !== undefined) vars[name] = text;
    }
    return vars;
  }
}

/** The rest of a sentence about a name that is no plain variable; null if it is one. */
export function variableProblem(name: string, secrets: ReadonlySet<string>): string | null {
  if (plainVariables.includes(name)) return null;
  if (name === "REDACT") return 'goes into "redact", beside vars';
  if (ruleVariables.includes(name)) return 'goes into "rules", beside vars';
  if (secrets.has(name) || name in settings)
    return `is a secret, and does not belong into a file: npx wrangler secret put ${name}; for local runs, put it into .dev.vars`;
  return `is not a setting: did you mean ${nearestOf(name, plainVariables)}?`;
}

/** The members of an object by name; undefined, and reported, if it is none. A name outside of `known` is reported. */
function membersOf(
  node: Node,
  at: SettingPath,
  known: readonly string[] | null,
): Map<string, Node> | undefined {
  if (node.type !== "object") return at.problem(say`expected an object, got ${kindOf(node)}`);
  const members = (node.children ?? []).map(({ children = [] }): [string, Node] => [
    children[0]!.value,
    children[1]!,
  ]);
  for (const [name] of members)
    if (known && !known.includes(name))
      at.key(name).problem(say`is not known here: did you mean ${nearestOf(name, known)}?`);
  return new Map(members);
}

/** A variable's value as text. */
function textOf(node: Node, at: SettingPath): string | undefined {
  if (node.type === "null") return "";
  if (["string", "number", "boolean"].includes(node.type)) return String(node.value);
  const items = node.type === "array" ? (node.children ?? []) : [];
  if (items.length > 0 && items.every(({ type }) => type === "string" || type === "number"))
    return items.map(({ value }) => value).join(",");
  return at.problem(say`expected a text, a number, true, false, or a list of texts, got ${kindOf(node)}`);
}

function kindOf({ type, children = [] }: Node): string {
  if (type === "array") return children.length === 0 ? "an empty list" : "a list";
  return type === "object"
    ? "an object"
    : type === "null"
      ? "null"
      : `a ${type === "string" ? "text" : type}`;
}
