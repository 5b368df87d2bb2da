/** Looks at every part of a gateway from outside. A part that cannot be seen says why. Nothing here judges. */
import type { Client } from "../../client/index.js";
import {
  type Access,
  isUnseen,
  type Parts,
  type Schemas,
  type Seen,
  type Tested,
  type Unseen,
} from "./parts.ts";
import { type CallbackTarget, type ProbeAnswer, probe, refusalOf, secondsOff } from "./probe.ts";
import { expiryProblem, othersAmong } from "./topics.ts";

export interface Patient {
  client: Client;
  /** Sends the test events. It waits as long as any rule may. */
  tester: Client;
  url: string;
  hasToken: boolean;
  callbacks: CallbackTarget;
  /** The callback tokens that are known here, in the order of the setting. */
  tokens: readonly string[];
  /** Whether each destination is sent a test event. */
  mayTest: boolean;
}

/** An older token that is in use is told of once an hour. */
const oldTokenSince = "2h";

export async function examine(patient: Patient): Promise<Seen> {
  const { client, url } = patient;
  const start = performance.now();
  const health = await part(() => client.get("/health"));
  const ms = performance.now() - start;
  const contact = { url, ms, failure: isUnseen(health) ? health.unseen : null };
  if (isUnseen(health)) return unreachable(contact);

  const access = await accessOf(patient);
  const [signed, forged, api] = await Promise.all([
    signedProbes(patient),
    forgedProbe(patient),
    readApi(patient, access, health),
  ]);
  return {
    contact,
    health,
    access,
    others: othersAmong(health.problems, namesIn(api.rules, api.destinations)),
    clock: clockOf(signed, forged),
    signed,
    forged,
    ...api,
  };
}

function unreachable(contact: Parts["contact"]): Seen {
  const unseen = { unseen: "the gateway does not answer" };
  return {
    contact,
    health: unseen,
    others: unseen,
    access: unseen,
    clock: unseen,
    rules: unseen,
    destinations: unseen,
    tests: unseen,
    drift: unseen,
    stats: unseen,
    oldToken: unseen,
    expiries: unseen,
    signed: unseen,
    forged: unseen,
  };
}

/** The names whose problems other checks repeat: none unless these checks are done. */
function namesIn(...lists: readonly (Unseen | readonly { name: string | null }[])[]): Set<string> {
  if (lists.some(isUnseen)) return new Set();
  return new Set(lists.flatMap((list) => (isUnseen(list) ? [] : list.map(({ name }) => name ?? ""))));
}

/** The part, or the sentence of the error that kept it from being seen. */
async function part<Value>(look: () => Promise<Value>): Promise<Value | Unseen> {
  try {
    return await look();
  } catch (error) {
    return { unseen: error instanceof Error ? error.message : String(error) };
  }
}

async function accessOf({ client, hasToken }: Patient): Promise<Access> {
  if (!hasToken) return { kind: "none", sees: null, sentence: "no token is given: the API cannot be asked" };
  const caller = await part(() => client.get("/api/me"));
  if (isUnseen(caller)) return { kind: "refused", sees: null, sentence: caller.unseen };
  return { kind: caller.token, sees: caller.sees, sentence: null };
}

/** All that the API tells, as far as the token opens it. */
async function readApi(patient: Patient, access: Access, health: Schemas["Health"]) {
  const { client } = patient;
  const closed = closedFor(access);
  const ask = <Value>(look: () => Promise<Value>) => (closed ? Promise.resolve(closed) : part(look));
  const [rules, destinations, drift, stats, oldToken] = await Promise.all([
    ask(() => client.get("/api/rules")),
    ask(() => client.get("/api/destinations")),
    ask(async () => (await client.get("/api/drift")).drift),
    ask(() => client.get("/api/stats")),
    ask(() => lastOldToken(patient, access)),
  ]);
  const [expiries, tests] = await Promise.all([
    ask(() => expiriesOf(patient, access, health, destinations)),
    testsOf(patient, access, rules, destinations),
  ]);
  return { rules, destinations, drift, stats, oldToken, expiries, tests };
}

function closedFor({ kind }: Access): Unseen | null {
  if (kind === "none") return { unseen: "it takes an ADMIN_TOKEN or a READ_TOKEN" };
  return kind === "refused" ? { unseen: "the gateway refuses the token" } : null;
}

async function lastOldToken({ client }: Patient, { sees }: Access): Promise<Parts["oldToken"]> {
  const query = { command: "Relay.OldToken", since: oldTokenSince, limit: 1 };
  const [last] = (await client.get("/api/events", { query })).events;
  if (!last) return null;
  const body = sees === "bodies" ? await bodyOf(client, last.id) : {};
  return { at: last.receivedAt, position: typeof body.position === "number" ? body.position : null };
}

/**
 * When the oldest waiting event is dropped. The gateway tells it once, as `Relay.Expiring`; the time that events are
 * kept follows from that.
 */
async function expiriesOf(
  { client }: Patient,
  { sees }: Access,
  { problems }: Schemas["Health"],
  destinations: readonly Schemas["Destination"][] | Unseen,
): Promise<ReadonlyMap<string, string>> {
  const expiries = new Map<string, string>();
  if (isUnseen(destinations) || sees !== "bodies") return expiries;
  const expiring = destinations.filter(({ name }) => expiryProblem(problems, name) !== undefined);
  for (const { name, waitingSince } of expiring) {
    const query = { command: "Relay.Expiring", conversation: `relay:${name}`, limit: 1 };
    const [told] = (await client.get("/api/events", { query })).events;
    if (!told || waitingSince === null) continue;
    const { oldest, expiresAt } = await bodyOf(client, told.id);
    const keptMs = Date.parse(String(expiresAt)) - Date.parse(String(oldest));
    if (keptMs > 0) expiries.set(name, new Date(Date.parse(waitingSince) + keptMs).toISOString());
  }
  return expiries;
}

async function bodyOf(client: Client, id: string): Promise<Readonly<Record<string, unknown>>> {
  const { body = {} } = await client.get("/api/events/{id}", { path: { id } });
  return body;
}

/**
 * Rules that are off or wrong get no test: the one is meant to send nothing, the other cannot. Where no listener or
 * poller is there, a test tells nothing new.
 */
async function testsOf(
  { tester, mayTest }: Patient,
  access: Access,
  rules: readonly Schemas["Rule"][] | Unseen,
  destinations: readonly Schemas["Destination"][] | Unseen,
): Promise<Parts["tests"] | Unseen> {
  if (!mayTest) return { unseen: "left out by --no-test" };
  if (access.kind !== "admin") return { unseen: "it takes an ADMIN_TOKEN" };
  if (isUnseen(rules)) return rules;
  if (isUnseen(destinations)) return destinations;
  const awaiting = new Set(destinations.filter(({ awaits }) => awaits).map(({ name }) => name));
  const names = rules.flatMap(({ name, kind, state }) =>
    name !== null && kind === "forward" && (state === "on" || state === "paused") && !awaiting.has(name)
      ? [name]
      : [],
  );
  const outcomes = names.map(async (name): Promise<[string, Tested]> => {
    const outcome = await part(() => tester.post("/api/destinations/{name}/test", { path: { name } }));
    return [name, isUnseen(outcome) ? { status: null, ms: 0, error: outcome.unseen } : outcome];
  });
  return new Map(await Promise.all(outcomes));
}

async function signedProbes({ callbacks, tokens }: Patient): Promise<readonly ProbeAnswer[] | Unseen> {
  if (tokens.length === 0) return { unseen: "CALLBACK_TOKEN is not set here: give it in the environment" };
  return Promise.all(tokens.map((token) => probe(callbacks, token, Date.now())));
}

/** An answer other than OK or a refusal tells nothing of signatures. */
async function forgedProbe({ callbacks }: Patient): Promise<ProbeAnswer | Unseen> {
  const answer = await probe(callbacks, null, Date.now());
  if (answer.status === 200 || answer.status === 403) return answer;
  return { unseen: `a callback ${refusalOf(answer)}` };
}

/** A refusal of a probe's time tells most, then the header `date`, then that a signature of now was accepted. */
function clockOf(
  signed: readonly ProbeAnswer[] | Unseen,
  forged: ProbeAnswer | Unseen,
): Parts["clock"] | Unseen {
  const unknown = { unseen: "the gateway sends no date, and no signed probe was accepted" };
  const answers = isUnseen(signed) ? [] : signed;
  const seconds = answers.map(secondsOff).find((one) => one !== null);
  if (seconds !== undefined) return { offMs: seconds * 1000 };
  if (isUnseen(forged)) return unknown;
  if (forged.clockOffMs !== null) return { offMs: forged.clockOffMs };
  const isChecked = forged.status === 403 && answers.some(({ status }) => status === 200);
  return isChecked ? { offMs: null } : unknown;
}
