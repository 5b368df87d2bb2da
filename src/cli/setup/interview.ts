/**
 * The conversation of a first deployment. An answer is that of an option, of a setup that was left, of a person, or the
 * standard one, in this order. A question that a file decides is not asked.
 */
import { Misuse } from "../failure.ts";
import { userFileName } from "../user-file.ts";
import type { Answers, Destination } from "./answers.ts";
import { type Kept, keptName } from "./kept.ts";
import type { Prompts } from "./prompts.ts";
import { none, type QuestionName, questionNames, questionsIn, secretCheck } from "./questions.ts";
import { madeAdminToken, madeCallbackToken, madeSigningSecret, secretNameOf } from "./secrets.ts";
import { type Standing, standingOf } from "./standing.ts";
import type { Texts } from "./texts.ts";

export type Given = { [name in QuestionName]?: string | undefined };

interface Interview {
  /** The folder of `tim-relay.jsonc` and `wrangler.toml`. */
  folder: string;
  given: Given;
  /** May give secrets. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Filled as answers come. */
  kept: Kept;
  /** Called after each answer. */
  keep(): void;
  /** Null: there is no terminal. */
  prompts: Prompts | null;
  texts: Texts;
  tell(line: string): void;
}

/**
 * Checks options and variables before the first question. Without `--env` they are taken to be production's.
 * @throws Misuse that names the first that is wrong
 */
export function checkGiven(of: Pick<Interview, "folder" | "given" | "environment" | "kept" | "texts">): void {
  const { folder, given, environment, kept, texts } = of;
  optionOf("env", of, null);
  const standing = standingOf(folder, (given.env?.trim() ?? kept.answers.env) || null);
  for (const name of questionNames) optionOf(name, of, standing);
  for (const name of ["CALLBACK_TOKEN", "ADMIN_TOKEN", ...standing.secrets.map(({ name }) => name)])
    if (kept.secrets[name] === undefined) secretOf(name, environment, texts);
}

/** @throws Misuse that names the options that are missing, or the first that is wrong */
export async function interview(of: Interview): Promise<{ answers: Answers; standing: Standing }> {
  const { folder, given, environment, kept, keep, prompts, texts, tell } = of;
  const missing: string[] = [];
  let standing: Standing | null = null;

  const answer = async (name: QuestionName): Promise<string> => {
    const { check, ask, standard } = questionOf(name, of, standing);
    const right = (text: string | undefined) =>
      text === undefined || check(text) !== undefined ? undefined : text;
    const before = kept.answers[name];
    const value =
      optionOf(name, of, standing) ?? right(before) ?? (prompts ? await ask(prompts) : right(standard));
    if (value === undefined) missing.push(`--${name}`);
    else if (kept.answers[name] !== value) {
      if (name === "env" && kept.answers.env !== undefined)
        throw new Misuse(texts.otherEnvironment(keptName));
      if (name === "app" && kept.begun && before !== undefined)
        throw new Misuse(texts.otherApp(keptName, before));
      kept.answers[name] = value;
      // Another answer is deployed again.
      kept.url = null;
      keep();
    }
    return value ?? none;
  };

  /** Answers a question unless a file decides it. An option goes before the file. */
  const open = async (name: QuestionName, isDecided: boolean): Promise<string | undefined> =>
    isDecided && given[name] === undefined && kept.answers[name] === undefined ? undefined : answer(name);

  /** @param make asks, or makes a value; undefined: it must be given */
  const secret = async (name: string, make: () => Promise<string | undefined>): Promise<void> => {
    if (kept.secrets[name] !== undefined) return;
    const variable = secretOf(name, environment, texts);
    if (variable !== undefined) tell(texts.fromEnvironment(name));
    const value = variable ?? (await make());
    if (value === undefined) missing.push(texts.inEnvironment(name));
    else {
      kept.secrets[name] = value;
      keep();
    }
  };

  const apps = await answer("app");
  const environmentName = (await answer("env")) || null;
  standing = standingOf(folder, environmentName);
  if (standing.rulesElsewhere && (given.to ?? kept.answers.to ?? none) !== none)
    throw new Misuse(texts.rulesElsewhere("wrangler.toml", userFileName));
  tellStanding(standing, of);
  const location = await open("location", standing.location !== null);
  const path = await open("path", standing.path !== null);
  await secret("CALLBACK_TOKEN", () => callbackToken(prompts, texts));
  await secret("ADMIN_TOKEN", async () => madeAdminToken());

  const to = await open("to", standing.rules !== null);
  let destination: Destination | null = null;
  if (to !== undefined && to !== none) {
    destination = { url: to, name: await answer("name"), renews: given.to !== undefined };
  }
  const ofRules = [
    ...standing.secrets,
    ...(destination ? [{ name: secretNameOf(destination.name), signs: true }] : []),
  ];
  for (const { name, signs } of ofRules)
    await secret(name, async () =>
      signs ? madeSigningSecret() : prompts?.hidden(texts.secret(name), secretCheck(name, texts)),
    );
  const domain = await open("domain", standing.domains.length > 0);
  if (missing.length > 0) throw new Misuse(texts.missing([...new Set(missing)].join(texts.separator)));

  return {
    standing,
    answers: {
      apps,
      environment: environmentName,
      secrets: kept.secrets,
      ...(location !== undefined && { location: location === none ? null : location }),
      ...(path !== undefined && { path: path.startsWith("/") ? path : `/${path}` }),
      ...(to !== undefined && { destination }),
      ...(domain !== undefined && { domain: domain || null }),
    },
  };
}

function questionOf(
  name: QuestionName,
  { kept, texts }: Pick<Interview, "kept" | "texts">,
  standing: Standing | null,
) {
  const isTaken = (rule: string) => standing?.rules?.includes(rule) === true && rule !== kept.answers.name;
  return questionsIn(texts, { privateNetworks: standing?.privateNetworks ?? false, isTaken })[name];
}

/** The value of an option; undefined: it is not given. @throws Misuse if it is wrong */
function optionOf(
  name: QuestionName,
  of: Pick<Interview, "given" | "kept" | "texts">,
  standing: Standing | null,
): string | undefined {
  const option = of.given[name]?.trim();
  const problem = option === undefined ? undefined : questionOf(name, of, standing).check(option);
  if (problem !== undefined) throw new Misuse(of.texts.wrong(`--${name}`, problem));
  return option;
}

/** The value of a secret in the environment; undefined: it is not set there. @throws Misuse if it is wrong */
function secretOf(name: string, environment: Interview["environment"], texts: Texts): string | undefined {
  const value = environment[name]?.trim() || undefined;
  const problem = value === undefined ? undefined : secretCheck(name, texts)(value);
  if (problem !== undefined) throw new Misuse(texts.wrong(name, problem));
  return value;
}

/** The token of Tencent's console: a new one, or the one that is there. */
async function callbackToken(prompts: Prompts | null, texts: Texts): Promise<string> {
  const kinds = { made: texts.tokenMade, given: texts.tokenGiven };
  const kind = prompts ? await prompts.choice(texts.token, kinds) : "made";
  return kind === "given" && prompts
    ? prompts.hidden(texts.tokenValue, secretCheck("CALLBACK_TOKEN", texts))
    : madeCallbackToken();
}

/** Says which questions the files decide. */
function tellStanding(standing: Standing, { given, kept, tell, texts }: Interview): void {
  const decided = (name: QuestionName, fact: string | null) =>
    fact === null || given[name] !== undefined || kept.answers[name] !== undefined ? [] : [fact];
  const { location, path, rules, domains } = standing;
  const facts = [
    ...decided("location", location && `LOCATION_HINT ${location}`),
    ...decided("path", path && "CALLBACK_PATH"),
    ...decided("to", rules && texts.rulesNamed(rules.join(texts.separator))),
    ...decided("domain", domains.length > 0 ? domains.join(texts.separator) : null),
  ];
  if (facts.length > 0) tell(texts.stands(userFileName, facts.join(texts.separator)));
}
