/** A first deployment in lines: the plan before it, and afterwards the entries of Tencent's console. */
import { textsIn } from "../../rule/secret.ts";
import type { Answers } from "./answers.ts";
import { type Step, secretsFileName } from "./plan.ts";
import { secretNameOf } from "./secrets.ts";
import type { Standing } from "./standing.ts";
import type { Texts } from "./texts.ts";

/** The sentence of a step. */
export function titleOf(step: Step, texts: Texts, worker: string): string {
  switch (step.kind) {
    case "write":
      return texts.write(step.file, step.isNew);
    case "deploy":
      return texts.deploy(worker, step.secrets.join(texts.separator));
    case "callback":
      return texts.callback(step.command);
    default:
      return texts[step.kind];
  }
}

/** All steps, with the content of each file and each command. Values of secrets are not shown. */
export function planLines(steps: readonly Step[], texts: Texts, worker: string): string[] {
  const details = (step: Step): string[] => {
    if (step.kind === "write") return step.text.trimEnd().replaceAll("\t", "  ").split(/\r?\n/);
    return step.kind === "deploy" ? [step.command, texts.secretsFile(secretsFileName)] : [];
  };
  return [
    texts.plan,
    ...steps.flatMap((step, index) => [
      `${index + 1}. ${titleOf(step, texts, worker)}`,
      ...details(step).map((line) => `     ${line}`),
    ]),
  ];
}

/** The result of a first deployment, as `--json` prints it. */
export interface Result {
  url: string;
  callbackUrl: string;
  dashboard: string;
  apps: readonly string[];
  /** The values of all secrets by name. */
  secrets: Record<string, string>;
  /** The problems that `/health` names. */
  problems: string[];
  /** The first callback; null: it was not kept, or cannot be looked up. */
  event: { id: string; state: string } | null;
}

export function resultLines(
  { url, callbackUrl, secrets }: Result,
  { environment, destination, apps }: Answers,
  { wanted }: Standing,
  texts: Texts,
): string[] {
  const { CALLBACK_TOKEN, ADMIN_TOKEN, SDK_APP_ID: _, ...others } = secrets;
  const [app] = textsIn(apps);
  // The doctor reads production's path from tim-relay.jsonc.
  const path = environment === null ? "" : ` CALLBACK_PATH=${new URL(callbackUrl).pathname}`;
  const inEnvironment = environment === null ? "" : ` -- --env ${environment}`;
  const entry = (name: string, value: string) => [`  ${name}:`, `    ${value}`];
  return [
    "",
    texts.consoleTitle,
    ...entry(texts.consoleUrl, callbackUrl),
    ...entry(texts.consoleToken, textsIn(CALLBACK_TOKEN)[0]!),
    ...entry(texts.consoleSwitches, wanted?.join(texts.separator) ?? texts.allSwitches),
    "",
    texts.secretsTitle,
    ...entry("ADMIN_TOKEN", ADMIN_TOKEN!),
    ...Object.entries(others).flatMap(([name, value]) =>
      entry(
        destination && name === secretNameOf(destination.name) ? texts.destinationSecret(name) : name,
        value,
      ),
    ),
    "",
    texts.nextTitle,
    ...entry(texts.dashboard, url),
    ...entry(
      texts.doctor,
      `TIM_RELAY_TOKEN=… CALLBACK_TOKEN=… SDK_APP_ID=${app}${path} npx tim-relay doctor --url ${url}`,
    ),
    ...(destination?.url === "listener:"
      ? entry(
          texts.listen,
          `TIM_RELAY_TOKEN=… npx tim-relay listen ${destination.name} --url ${url} --to http://localhost:3000/tim`,
        )
      : []),
    ...entry(texts.deployAgain, `npm run deploy${inEnvironment}`),
  ];
}
