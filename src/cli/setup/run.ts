/** One run of `tim-relay setup`: asks, shows the plan, and has it carried out. */
import { printable } from "../../callback/text.ts";
import { messageOf } from "../errno.ts";
import { Misuse } from "../failure.ts";
import { interruptedCode } from "../interrupt.ts";
import { root } from "../root.ts";
import { broken, remark, sayJson, screenWidth } from "../screen.ts";
import { carryOut, Stopped } from "./carry-out.ts";
import { type Account, accounts, secretsAt } from "./cloudflare.ts";
import { checkGiven, type Given, interview } from "./interview.ts";
import { dropKept, type Kept, keep, keptName, nothingKept, readKept } from "./kept.ts";
import { type Language, languageOf } from "./language.ts";
import { planOf, secretsOf } from "./plan.ts";
import { Left, type Prompts, prompts } from "./prompts.ts";
import { planLines } from "./shown.ts";
import { type Texts, textsIn } from "./texts.ts";

interface Options extends Given {
  lang?: Language | undefined;
  account?: string | undefined;
  /** Seconds. */
  timeout: number;
  yes?: true | undefined;
  dryRun?: true | undefined;
  again?: true | undefined;
  replace?: true | undefined;
  json?: true | undefined;
}

/** Whether a question was answered. The account may be that of an option alone. */
const hasAnswers = ({ answers }: Kept) => Object.keys(answers).some((name) => name !== "account");

/** Resolves with the exit code. */
export async function runSetup(options: Options): Promise<number> {
  const texts = textsIn(options.lang ?? languageOf(process.env));
  const { dryRun = false, json = false } = options;
  const tell = (text: string) => {
    const stream = json ? process.stderr : process.stdout;
    stream.write(`${broken(printable(text), screenWidth(stream))}\n`);
  };
  const hasPerson = process.stdin.isTTY && process.stdout.isTTY && !json;
  const asking = hasPerson ? prompts(texts) : null;
  const kept = options.again ? nothingKept() : readKept(root);
  // A deploy that was begun is one to its own account.
  if (options.account !== undefined && options.account !== kept.answers.account) {
    kept.answers.account = options.account;
    kept.begun = false;
    kept.url = null;
  }
  const of = { folder: root, given: options, environment: process.env, kept, texts };
  checkGiven(of);
  if (options.again && !dryRun) dropKept(root);
  // Without a person nothing is lost by a failure before the deploy.
  const save = () => {
    if (!dryRun && (asking || kept.begun)) keep(root, kept);
  };
  if (hasAnswers(kept)) tell(texts.takenUp(keptName));
  else if (asking && !dryRun) tell(texts.canLeave);

  try {
    // A person is told before all questions, a program after all options are there.
    let login = asking && !dryRun ? await loginOf(texts, tell) : null;
    const { answers, standing } = await interview({ ...of, keep: save, tell, prompts: asking });
    const steps = planOf(answers, standing, kept.url !== null);
    if (dryRun && json) sayJson({ worker: standing.worker, steps });
    else for (const line of planLines(steps, texts, standing.worker)) tell(line);
    if (dryRun) {
      tell(texts.dryRun);
      return 0;
    }
    if (!asking && !options.yes) throw new Misuse(texts.missing("--yes"));
    login ??= await loginOf(texts, tell);
    const account = await accountOf(login, options, kept, asking, texts);
    save();
    await refuseExisting(standing.worker, Object.keys(secretsOf(answers)), account, { options, kept, texts });
    if (asking && !options.yes && !(await asking.agrees(texts.confirm))) throw new Left();
    const { timeout } = options;
    const doing = { steps, answers, standing, account, kept, keep: save, texts, tell, json, timeout };
    return await carryOut({ ...doing, asks: asking !== null });
  } catch (error) {
    if (error instanceof Left) {
      const isKept = !dryRun && hasAnswers(kept);
      tell(isKept ? texts.left(keptName) : texts.leftEmpty);
      return interruptedCode;
    }
    if (!(error instanceof Stopped)) throw error;
    remark(error.message);
    return 1;
  }
}

/** @throws Stopped if wrangler is not logged in */
async function loginOf(texts: Texts, tell: (line: string) => void): Promise<Account[]> {
  tell(texts.checking);
  let found: Account[] | null;
  try {
    found = await accounts();
  } catch (error) {
    throw new Stopped(texts.wranglerFailed(messageOf(error)));
  }
  if (found === null) throw new Stopped(texts.notLoggedIn);
  return found;
}

/** The account to deploy to; null: the login has one alone. */
async function accountOf(
  login: readonly Account[],
  { account }: Options,
  { answers }: Kept,
  asking: Prompts | null,
  texts: Texts,
): Promise<string | null> {
  const given = account ?? answers.account ?? (process.env.CLOUDFLARE_ACCOUNT_ID || null);
  if (given !== null || login.length < 2) return given;
  if (!asking) throw new Misuse(texts.missing("--account"));
  const names = Object.fromEntries(login.map(({ id, name }) => [id, name]));
  answers.account = await asking.choice(texts.account, names);
  return answers.account;
}

/** A setup never replaces the secrets of a gateway that works. @throws Misuse; Stopped if they are not known */
async function refuseExisting(
  worker: string,
  names: readonly string[],
  account: string | null,
  { options, kept, texts }: { options: Options; kept: Kept; texts: Texts },
): Promise<void> {
  if (options.replace || kept.begun) return;
  const there = await secretsAt(worker, account).catch((error) => {
    throw new Stopped(texts.secretsUnknown(worker, messageOf(error)));
  });
  const replaced = names.filter((name) => there.includes(name));
  if (replaced.length > 0) throw new Misuse(texts.exists(worker, replaced.join(texts.separator)));
}
