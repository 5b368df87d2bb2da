/** The questions of a first deployment whose answers are no secrets: the check of an answer, and how a person is asked. */
import { is } from "valibot";
import { isBearerToken } from "../../config.ts";
import { isSample } from "../../rule/sample.ts";
import { settings } from "../../settings.ts";
import { checkRules } from "../check-rules.ts";
import { isDomain } from "../user-file.ts";
import { ruleOf } from "./answers.ts";
import { dataCentres, nearestPlaces } from "./places.ts";
import type { Check, Prompts } from "./prompts.ts";
import { madePath } from "./secrets.ts";
import type { Texts } from "./texts.ts";

export const questionNames = ["app", "env", "location", "path", "to", "name", "domain"] as const;

/** The name of a question is that of its option, too. */
export type QuestionName = (typeof questionNames)[number];

export interface Question {
  check: Check;
  ask(prompts: Prompts): Promise<string>;
  /** The answer where nobody can be asked. Without one, the option must be given. */
  standard?: string;
}

/** Facts on which questions depend. */
interface Facts {
  /** Whether destinations in private networks are allowed. */
  privateNetworks: boolean;
  /** Whether another rule has this name. */
  isTaken(name: string): boolean;
}

/** No destination, or no location. */
export const none = "none";

export function questionsIn(
  texts: Texts,
  { privateNetworks, isTaken }: Facts,
): Record<QuestionName, Question> {
  const asText = (message: string, check: Check, initial?: string) => (prompts: Prompts) =>
    prompts.text(message, check, initial);

  const app = accepts((text) => is(settings.SDK_APP_ID.schema(), text), texts.appsWrong);
  const env = accepts((text) => /^[a-z0-9-]{0,40}$/.test(text), texts.environmentWrong);
  const path = accepts((text) => is(settings.CALLBACK_PATH.schema(), text), texts.pathWrong);
  const domain = accepts((text) => text === "" || isDomain(text), texts.domainWrong);
  const address: Check = (text) => {
    if (!/^(https?:\/\/|listener:$|poll:$)/.test(text)) return texts.urlWrong;
    const { mistakes } = checkRules({
      from: "",
      sources: [{ name: "rules", value: [ruleOf({ name: "backend", url: text })] }],
      variables: { ALLOW_PRIVATE_DESTINATIONS: privateNetworks },
      secrets: {},
      bindings: null,
      document: null,
    });
    return mistakes[0] && texts.wrong(texts.urlWrong, mistakes[0].replace(/^rules\[0\]\.url: /, ""));
  };
  const name: Check = (text) =>
    /^[a-z0-9-]{1,40}$/.test(text) ? (isTaken(text) ? texts.nameTaken : undefined) : texts.nameWrong;
  const hints = settings.LOCATION_HINT.schema();
  const location = accepts(
    (text) => text === none || is(hints, text),
    texts.locationWrong([...new Set(Object.values(nearestPlaces))].join(texts.separator)),
  );

  return {
    app: { check: app, ask: asText(texts.apps, app) },
    env: { check: env, ask: asText(texts.environment, env), standard: "" },
    location: {
      check: location,
      ask: async (prompts) => {
        const labels = dataCentres.map((one) => [one, `${texts.dataCentres[one]}: ${nearestPlaces[one]}`]);
        const chosen = await prompts.choice(texts.location, {
          ...Object.fromEntries(labels),
          [none]: texts.otherPlace,
        });
        return dataCentres.map(String).includes(chosen) ? nearestPlaces[chosen as "china"] : none;
      },
    },
    path: { check: path, ask: asText(texts.path, path, madePath()), standard: madePath() },
    to: {
      check: (text) => (text === none ? undefined : address(text)),
      ask: async (prompts) => {
        const kinds = { backend: texts.toBackend, "listener:": texts.toListener, [none]: texts.toNone };
        const kind = await prompts.choice(texts.destination, kinds);
        return kind === "backend" ? prompts.text(texts.url, address) : kind;
      },
    },
    name: { check: name, ask: asText(texts.name, name, "backend"), standard: "backend" },
    domain: { check: domain, ask: asText(texts.domain, domain), standard: "" },
  };
}

/** The checks of secrets, by their names; of all that rules mention, a common one. */
export function secretCheck(name: string, texts: Texts): Check {
  if (name === "CALLBACK_TOKEN")
    return accepts((text) => /^[^\s,]+$/.test(text) && !isSample(text), texts.tokenWrong);
  if (name === "ADMIN_TOKEN")
    return accepts(
      (text) => text.split(",").every((one) => isBearerToken(one.trim()) && !isSample(one.trim())),
      texts.adminTokenWrong,
    );
  return accepts((text) => text !== "" && !isSample(text), texts.secretWrong);
}

function accepts(fits: (text: string) => boolean, sentence: string): Check {
  return (text) => (fits(text) ? undefined : sentence);
}
