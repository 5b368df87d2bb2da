/** The settings that stand already in `tim-relay.jsonc` and `wrangler.toml`. A first deployment keeps them all. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ruleVariables } from "../../settings.ts";
import { checkRules } from "../check-rules.ts";
import { readDeployment } from "../deployment.ts";
import { parseUserFile, secretsNamedIn, userFileName } from "../user-file.ts";
import { readWranglerConfig } from "../wrangler-config.ts";

export interface Standing {
  /** The text of `tim-relay.jsonc`; null: there is none. */
  text: string | null;
  /** The name of the Worker at Cloudflare. */
  worker: string;
  /** Whether destinations in private networks are allowed. */
  privateNetworks: boolean;
  path: string | null;
  location: string | null;
  domains: readonly string[];
  /** The names of the rules; null: none are given for this deployment. */
  rules: readonly string[] | null;
  /** Whether they stand in `wrangler.toml`: rules of `tim-relay.jsonc` would replace them. */
  rulesElsewhere: boolean;
  /** The commands that the rules want; null: every command, or there are no rules. */
  wanted: readonly string[] | null;
  /** The secrets that the rules mention. Setup may make the secrets that only sign. */
  secrets: readonly { name: string; signs: boolean }[];
}

/**
 * @param folder of the two files
 * @throws Error with a sentence for each mistake of a file
 */
export function standingOf(folder: string, environment: string | null): Standing {
  const configPath = join(folder, "wrangler.toml");
  const path = join(folder, userFileName);
  const text = existsSync(path) ? readFileSync(path, "utf8") : null;
  const file = text === null ? null : parseUserFile(userFileName, text);
  const config = readWranglerConfig(configPath);
  const isKnown =
    environment !== null && (file?.environments.has(environment) || config.env?.[environment] !== undefined);
  const known = isKnown ? environment : null;
  const { variables, rules, mistakes } = readDeployment(configPath, { environment: known });
  // Production's rules and domains never come to another deployment unseen.
  const own = environment === null ? file : file?.environments.get(environment);
  const checked = checkRules(rules);
  const rulesElsewhere =
    known === environment &&
    checked.book.rules.length > 0 &&
    ruleVariables.some((name) => variables.get(name)?.place === basename(configPath));
  const hasRules = Boolean(own?.rules) || rulesElsewhere;
  if (mistakes.length + checked.mistakes.length > 0)
    throw new Error([...mistakes, ...checked.mistakes].join("\n"));
  const textOf = (name: string) => String(variables.get(name)?.value ?? "") || null;
  const names = hasRules ? checked.book.rules.map(({ name }) => name) : null;
  const commands = checked.book.rules.map(({ on }) => on);
  const signing = signingSecrets(own?.rules?.value ?? "[]");
  const name = config.env?.[environment ?? ""]?.name;
  return {
    text,
    worker: name ?? `${config.name ?? "tim-relay"}${environment === null ? "" : `-${environment}`}`,
    privateNetworks: textOf("ALLOW_PRIVATE_DESTINATIONS") === "true",
    path: textOf("CALLBACK_PATH"),
    location: textOf("LOCATION_HINT"),
    domains: own?.domains ?? [],
    rules: names,
    rulesElsewhere,
    wanted: names && !commands.includes(null) ? [...new Set(commands.flatMap((on) => on ?? []))] : null,
    secrets: hasRules ? checked.unset.map((name) => ({ name, signs: signing.has(name) })) : [],
  };
}

/** The secrets that stand in `secret` of rules, and nowhere else. */
function signingSecrets(rules: string): Set<string> {
  const list: Record<string, unknown>[] = JSON.parse(rules);
  const signing = list.flatMap(({ secret }) => secretsNamedIn(JSON.stringify(secret ?? "")));
  const others = new Set(list.flatMap(({ secret: _, ...rest }) => secretsNamedIn(JSON.stringify(rest))));
  return new Set(signing.filter((name) => !others.has(name)));
}
