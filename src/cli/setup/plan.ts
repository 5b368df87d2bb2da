/** The steps of a first deployment, from its answers alone: they are shown before they are done. */
import { userFileName } from "../user-file.ts";
import { type Answers, settingsText } from "./answers.ts";
import type { Standing } from "./standing.ts";

export type Step =
  | { kind: "write"; file: string; text: string; isNew: boolean }
  | { kind: "deploy"; command: string; args: readonly string[]; secrets: readonly string[] }
  | { kind: "wait" }
  | { kind: "callback"; command: string }
  | { kind: "print" };

/** Wrangler reads the secrets from it. It stands in the project's folder for the time of the deploy, and Git ignores it. */
export const secretsFileName = ".tim-relay.setup.secrets.json";

/** The command of the first callback. */
export const firstCommand = "Group.CallbackAfterSendMsg";

/** @param isDeployed whether an earlier run has deployed already */
export function planOf(answers: Answers, standing: Standing, isDeployed: boolean): Step[] {
  const text = settingsText(standing, answers);
  const args = [
    `--secrets-file=${secretsFileName}`,
    ...(answers.environment === null ? [] : [`--env=${answers.environment}`]),
  ];
  const toDeploy: Step[] = [
    ...(text === standing.text
      ? []
      : [{ kind: "write" as const, file: userFileName, text, isNew: standing.text === null }]),
    {
      kind: "deploy",
      command: `npm run deploy -- ${args.join(" ")}`,
      args,
      secrets: Object.keys(secretsOf(answers)),
    },
  ];
  return [
    ...(isDeployed ? [] : toDeploy),
    { kind: "wait" },
    { kind: "callback", command: firstCommand },
    { kind: "print" },
  ];
}

/** The secrets of the Worker. */
export function secretsOf({ apps, secrets }: Answers): Record<string, string> {
  return { SDK_APP_ID: apps, ...secrets };
}
