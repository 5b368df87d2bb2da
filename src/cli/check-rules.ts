/** Checks rules and variables on the author's machine, where the secrets of a deployment are not known. */
import { readConfig } from "../config.ts";
import { bindingProblem } from "../rule/bindings.ts";
import { describe } from "../rule/describe.ts";
import { unknownCommands } from "../rule/on.ts";
import { parseRules, type RuleBook, type RuleSource } from "../rule/parse-rules.ts";
import { readRedaction } from "../rule/read-redaction.ts";
import { textsIn } from "../rule/secret.ts";
import { located, type Places } from "./places.ts";
import { plainVariables } from "./user-file.ts";

type Variables = Readonly<Record<string, unknown>>;

/** Rules that apply together, with the variables beside them. */
export interface RuleSet {
  /** The files and places that they come from, for people. */
  from: string;
  sources: readonly RuleSource[];
  variables: Variables;
  /** The value of a `$NAME`, as far as it is known here. */
  secrets: Variables;
  /** The bindings of the deployment by name; null: they are not known here, and each is taken to be there. */
  bindings: object | null;
  /** Where sources and variables stand in a file; null: mistakes are named without a line. */
  document: Places | null;
}

export interface Checked {
  book: RuleBook;
  /** The problems of the rules alone, their mistakes first. */
  ruleProblems: string[];
  /** Every mistake, a sentence each: nothing should be deployed with it. */
  mistakes: string[];
  /** Parts of rules that are unwise, or probably mistakes. */
  warnings: string[];
  /** The rules in words. */
  described: string[];
  /** The secrets that are not known here, and taken to be right: `AUDIT_SECRET`. */
  unset: string[];
}

export function checkRules(set: RuleSet): Checked {
  const { book, unset } = readBook(set);
  const { redaction, ...redact } = readRedaction(set.variables.REDACT ?? []);
  const place = (sentence: string) => located(sentence, set.document);
  const ruleProblems = book.problems.map(place);
  const wrong = book.mistakes.length;
  return {
    book,
    unset,
    ruleProblems,
    mistakes: [
      ...ruleProblems.slice(0, wrong),
      ...[...settingProblems(set.variables), ...redact.mistakes].map(place),
    ],
    warnings: [
      ...clearSecrets(set).map(place),
      ...ruleProblems.slice(wrong),
      ...redact.warnings.map(place),
      ...book.rules.flatMap((rule) => [
        ...unknownCommands(rule).map((on) => `${rule.name}: ${on} fits no command that is known`),
        ...(redaction?.maskedFields(rule) ?? []).map(
          (field) => `${rule.name}: sees ${field} as REDACT masks it`,
        ),
      ]),
    ],
    described: book.rules.map((rule) => `${rule.name}: ${describe(rule)}`),
  };
}

function readBook({ sources, variables, secrets, bindings }: RuleSet): { book: RuleBook; unset: string[] } {
  const { ALLOW_PRIVATE_DESTINATIONS, RETENTION_HOURS } = variables;
  const { privateDestinations, retentionMs } = readConfig({ ALLOW_PRIVATE_DESTINATIONS, RETENTION_HOURS });
  const unset = new Set<string>();
  const book = parseRules(sources, {
    secret(name, address) {
      const value = secrets[name];
      if (textsIn(value).length > 0) return value;
      unset.add(name);
      return address ? "https://stand-in.example.com" : standIn;
    },
    privateNetworks: privateDestinations,
    local: true,
    retentionMs,
    bindingProblem: (name, kind) => bindings && bindingProblem(bindings, name, kind),
  });
  return { book, unset: [...unset] };
}

/** A valid value for every secret that is not an address. */
const standIn = `whsec_${Buffer.alloc(24).toString("base64")}`;

/** Problems of the variables that are neither secret nor lists of rules or masks. */
function settingProblems(variables: Variables): readonly string[] {
  const plain = plainVariables.map((name) => [name, variables[name]]);
  return readConfig({ SDK_APP_ID: "1400000000", CALLBACK_TOKEN: standIn, ...Object.fromEntries(plain) })
    .problems;
}

/** Files of rules are committed and shared; secrets are not. */
function clearSecrets({ document, sources }: RuleSet): string[] {
  return sources
    .filter(({ value }) => document && typeof value === "string" && value.includes('"whsec_'))
    .map(
      ({ name }) => `${name}: a secret stands here in clear: write "$NAME", and npx wrangler secret put NAME`,
    );
}
