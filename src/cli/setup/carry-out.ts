/** Carries a plan out, step by step. A step that has failed is repeated by the next run, with the same secrets. */
import { join } from "node:path";
import { textsIn } from "../../rule/secret.ts";
import { interruptedCode } from "../interrupt.ts";
import { root } from "../root.ts";
import { sayJson } from "../screen.ts";
import { describe } from "../send/post.ts";
import type { Answers } from "./answers.ts";
import { type Deployed, deploy, remedyFor } from "./cloudflare.ts";
import { healthOf, sendFirstCallback } from "./first-callback.ts";
import { dropKept, type Kept } from "./kept.ts";
import { type Step, secretsOf } from "./plan.ts";
import { type Result, resultLines, titleOf } from "./shown.ts";
import type { Standing } from "./standing.ts";
import type { Texts } from "./texts.ts";
import { replaceFile } from "./whole-file.ts";

/** A step has failed. The message is for a person, and answers are kept. */
export class Stopped extends Error {}

interface CarriedOut {
  steps: readonly Step[];
  answers: Answers;
  standing: Standing;
  account: string | null;
  kept: Kept;
  keep(): void;
  texts: Texts;
  tell(line: string): void;
  /** Whether wrangler may ask a person. */
  asks: boolean;
  json: boolean;
  /** How long a new gateway is waited for, seconds. */
  timeout: number;
}

/** Resolves with the exit code. @throws Stopped */
export async function carryOut(of: CarriedOut): Promise<number> {
  const { steps, answers, standing, kept, texts, tell } = of;
  const path = answers.path ?? standing.path ?? "/";
  const secrets = secretsOf(answers);
  let problems: string[] = [];
  let first: Awaited<ReturnType<typeof sendFirstCallback>> | null = null;
  for (const [index, step] of steps.entries()) {
    if (step.kind === "print") break;
    tell(`\n[${index + 1}/${steps.length}] ${titleOf(step, texts, standing.worker)}`);
    switch (step.kind) {
      case "write":
        replaceFile(join(root, step.file), step.text);
        break;
      case "deploy":
        if (await isInterrupted(step.args, of)) return interruptedCode;
        break;
      case "wait":
        problems = await problemsAt(kept.url!, of);
        break;
      case "callback":
        first = await sendFirstCallback({
          url: kept.url!,
          path,
          app: textsIn(answers.apps)[0]!,
          token: textsIn(secrets.CALLBACK_TOKEN)[0]!,
          adminToken: textsIn(secrets.ADMIN_TOKEN)[0]!,
          // A listener that has not connected yet gets it later.
          waitMs: answers.destination?.url === "listener:" ? 500 : 5_000,
        });
        for (const line of callbackLines(first, texts)) tell(line);
    }
  }
  const url = kept.url!;
  const event = first?.event ?? null;
  const result: Result = {
    url,
    callbackUrl: `${url}${path}`,
    dashboard: `${url}/`,
    apps: textsIn(answers.apps),
    secrets,
    problems,
    event: event && { id: event.id, state: event.state },
  };
  if (of.json) sayJson(result);
  else for (const line of resultLines(result, answers, standing, texts)) tell(line);
  dropKept(root);
  return first?.answer.status === 200 ? 0 : 1;
}

/** Deploys, and keeps the address. Resolves with true if Ctrl-C came meanwhile. */
async function isInterrupted(args: readonly string[], of: CarriedOut): Promise<boolean> {
  const { answers, account, kept, keep, texts, tell, asks, json } = of;
  kept.begun = true;
  keep();
  const secrets = secretsOf(answers);
  const deployed = await deploy({ args, secrets, account, asks, aside: json });
  if (deployed.interrupted) {
    tell(texts.during);
    return true;
  }
  if (deployed.code !== 0) throw new Stopped(failureOf(deployed, texts));
  kept.url = answers.domain ? `https://${answers.domain}` : deployed.url;
  if (kept.url === null) throw new Stopped(texts.noUrl);
  keep();
  return false;
}

function failureOf({ code, failure }: Deployed, texts: Texts): string {
  const remedy = remedyFor(failure, texts);
  return [texts.deployFailed(code), ...(remedy ? [remedy] : []), texts.again].join("\n");
}

/** The problems that a new gateway names, once it answers. */
async function problemsAt(url: string, { texts, tell, timeout }: CarriedOut): Promise<string[]> {
  try {
    const { version, problems } = await healthOf(url, timeout * 1000);
    tell(texts.answers(url, version));
    for (const problem of problems) tell(texts.problem(problem));
    return problems;
  } catch (error) {
    throw new Stopped(`${texts.unhealthy(url, (error as Error).message)}\n${texts.again}`);
  }
}

function callbackLines(
  { answer, event }: Awaited<ReturnType<typeof sendFirstCallback>>,
  texts: Texts,
): string[] {
  if (answer.status !== 200) return [texts.callbackRefused(describe(answer))];
  if (event === null) return [texts.keptUnseen];
  const outcomes = event.deliveries.map(({ destination, state, attempts }) => {
    const last = attempts.at(-1);
    return texts.delivered(
      destination,
      [state, last?.error ?? last?.status ?? ""].filter(Boolean).join(", "),
    );
  });
  return [texts.kept(event.id), ...outcomes];
}
