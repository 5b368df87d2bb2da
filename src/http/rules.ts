/** `POST /api/rules/test`: what rules would do, before they do it: with one event, or with the last that were kept. */
import { type Config, readConfig, readOtherRules } from "../config.ts";
import type { Json } from "../rule/json.ts";
import type { RuleBook } from "../rule/parse-rules.ts";
import { pathAt } from "../rule/setting-path.ts";
import { readTrialEvent, runTrial } from "../rule/trial.ts";
import type { Fit } from "../shard/query/event-queries.ts";
import { json, Refusal } from "./reply.ts";
import type { Call } from "./router.ts";
import { everyShard } from "./shards.ts";
import { wholeNumber } from "./whole-number.ts";

const events = { least: 1, most: 5_000, otherwise: 1_000 };

/** Events shown of each rule. */
const mostExamples = 5;

export async function tryRules(body: Call["body"], text: string, env: Env): Promise<Response> {
  const config = readConfig(env);
  const { rules, event, last } = body;
  if (event !== undefined && last !== undefined && last !== null)
    throw new Refusal(
      400,
      "bad_body",
      "event and last do not go together: rules are tried on one event, or on the last",
    );
  const book = rules === undefined ? config.rules : rightRules(env, rules);
  if (event !== undefined) return json({ results: runTrial(book, rightEvent(event as Json)) });
  return json(await tryOnKept(env, config, book, text, wholeNumber("last", last, events)));
}

function rightRules(env: Env, value: unknown): RuleBook {
  const book = readOtherRules(env, "rules", value);
  const [mistake] = book.mistakes;
  if (mistake) throw new Refusal(400, "invalid_rule", mistake.message, mistake.path);
  return book;
}

function rightEvent(value: Json) {
  const mistakes: { path: string; message: string }[] = [];
  const event = readTrialEvent(
    value,
    pathAt("event", (path, message) => mistakes.push({ path, message })),
    Date.now(),
  );
  if (event) return event;
  throw new Refusal(400, "bad_event", mistakes[0]?.message ?? "is not an event", mistakes[0]?.path);
}

/** How many events each rule would fit, and which of them the rule of that name does not fit now, and vice versa. */
async function tryOnKept(env: Env, config: Config, book: RuleBook, request: string, last: number) {
  const found = await everyShard(env, config, (stub) => stub.fits(request, last));
  const fits: Fit[] = found
    .flat()
    .sort((a, b) => b.position - a.position)
    .slice(0, last);
  const names = new Set([...book.rules, ...config.rules.rules].map(({ name }) => name));
  const results = [...names].map((rule) => {
    const matching = fits.filter(({ would }) => would.includes(rule));
    const added = matching.filter(({ now }) => !now.includes(rule));
    const removed = fits.filter(({ now, would }) => now.includes(rule) && !would.includes(rule));
    return {
      rule,
      matches: matching.length,
      examples: some(matching),
      added: told(added),
      removed: told(removed),
    };
  });
  return { events: fits.length, results };
}

const some = (fits: readonly Fit[]) => fits.slice(0, mostExamples).map(({ id }) => id);

const told = (fits: readonly Fit[]) => ({ events: fits.length, examples: some(fits) });
