/**
 * Backlogs, holds and losses as sentences for `/health`. They are public: no sentence holds a host, a path or a secret.
 * Of several reasons that keep events from a destination only the first is reported: no two sentences contradict.
 */
import type { Config } from "../config.ts";
import { type Sentence, say } from "../sentence.ts";
import { type CountedMisfit, mergeMisfits } from "../shard/append/misfits.ts";
import type { DestinationReport } from "../shard/pump/report.ts";
import { shownError } from "../shard/query/shown-error.ts";
import { expiringShare } from "../shard/relay/expiry-watch.ts";
import { comes } from "../shard/replay/health.ts";
import { type StorageFault, storageFault } from "../shard/storage-fault.ts";

/** A backlog whose oldest event waits for longer is a problem. Milliseconds. */
const longestWait = 60_000;

/** At most so many sentences name misfits; the rest are only counted. */
const mostMisfits = 10;

/** @param now Unix milliseconds */
export function destinationProblems(
  report: DestinationReport,
  { rules, retentionMs }: Pick<Config, "rules" | "retentionMs">,
  now: number,
): Sentence[] {
  const { name, waiting, estimated, delayed, dead, expired, waitingSince } = report;
  const forwards = rules.rules.some((rule) => rule.kind === "forward" && rule.name === name);
  if (!forwards && !rules.heldNames.includes(name)) return leftovers(report, rules);
  const problems: Sentence[] = [];
  const obstacle = obstacleOf(report, rules, now);
  if (obstacle !== null) problems.push(obstacle);
  else if (delayed > 0) problems.push(say`${waits(delayed)} for another attempt${because(report.lastError)}`);
  const age = waitingSince === null ? 0 : now - waitingSince;
  if (age > expiringShare * retentionMs)
    problems.push(say`its oldest event waits since ${instant(waitingSince!)} and will be dropped`);
  else if (age > longestWait && obstacle === null)
    problems.push(say`${waits(waiting, estimated)}, the oldest since ${instant(waitingSince!)}`);
  if (dead > 0) problems.push(dead === 1 ? say`1 dead letter` : say`${dead} dead letters`);
  if (expired > 0) {
    problems.push(
      expired === 1
        ? say`1 event was dropped before it could be delivered`
        : say`${expired} events were dropped before they could be delivered`,
    );
  }
  return problems.map((problem) => say`${name}: ${problem}`);
}

/** The runtime hides an error of its own, such as one of opening a database, behind this text. */
const hidden = /\binternal error\b/;

/**
 * Why a shard has not given its report, its events wait, and its after-callbacks are answered 503.
 * @param file of its rows; null where there is none
 */
export function silenceProblem(shard: number, error: unknown, file: string | null): Sentence {
  const fault = storageFault(error) ?? (hidden.test(String(error)) ? "hidden" : null);
  const meanwhile = say`its events are refused meanwhile, and the kept ones wait`;
  const itsFile = file === null ? say`its storage` : say`its file ${file}`;
  const replace =
    file === null
      ? say`restore it to an earlier time`
      : say`stop the gateway, and restore ${file} from a backup, or move it away with its -wal and -shm: without it the events in it are lost`;
  const sentences: Record<StorageFault | "hidden", Sentence> = {
    full: say`shard ${shard} cannot write to its storage, which is full; ${meanwhile}, until there is room`,
    damaged: say`the storage of shard ${shard} is damaged; ${meanwhile}: ${replace}`,
    later: say`the storage of shard ${shard} holds rows of a later version of the gateway; ${meanwhile}: run that version`,
    foreign: say`the storage of shard ${shard} holds the database of another program; ${meanwhile}: ${replace}`,
    failing: say`shard ${shard} cannot read or write ${itsFile}; ${meanwhile}: mend the disk or the permissions, also of its -wal and -shm (the log has the error)`,
    hidden: say`shard ${shard} does not answer: perhaps the runtime cannot open ${itsFile}, or the disk is full (the log has the error); ${meanwhile}`,
  };
  if (fault !== null) return sentences[fault];
  return say`shard ${shard} does not answer: it is overloaded, or its storage cannot be written (the log has the error)`;
}

/** Why hardly anything is sent to a destination, how much waits for it, and the event that ends that. */
function obstacleOf(report: DestinationReport, rules: Config["rules"], now: number): Sentence | null {
  const { name, state, waiting, retrying, estimated, heldUntil } = report;
  const backlog = waits(waiting + retrying, estimated);
  if (waiting + retrying > 0) {
    const steered = state === "paused" || state === "disabled" ? say` and it is resumed` : "";
    if (rules.heldNames.includes(name)) return say`${backlog} until its rule is mended${steered}`;
    if (rules.rules.some((rule) => rule.name === name && !rule.enabled))
      return say`${backlog} until its rule is switched on again${steered}`;
  }
  if (state === "disabled") return say`answered 410 and is disabled until it is resumed; ${backlog}`;
  if (report.awaits) return waiting + retrying > 0 ? say`${backlog} until ${comes(report.awaits)}` : null;
  if (state === "paused") return say`is paused until it is resumed; ${backlog}`;
  if (heldUntil !== null && heldUntil > now)
    return say`is held until ${instant(heldUntil)}, as it asked, or until it is resumed; ${backlog}`;
  if (state === "open") return say`does not answer well${because(report.lastError)}; ${backlog}`;
  return report.full
    ? say`${backlog}: so many conversations wait for another attempt that no other events are sent${because(report.lastError)}`
    : null;
}

/** The backlog of a name that no forward rule has any more. */
function leftovers(report: DestinationReport, { rules }: Config["rules"]): Sentence[] {
  const { name, waiting, retrying, estimated, forgottenAt } = report;
  const backlog = waiting + retrying;
  if (backlog === 0) return [];
  const reason = rules.some((rule) => rule.name === name)
    ? say`no rule of this name forwards any more`
    : say`no rule has this name any more`;
  const known = events(backlog, estimated);
  const remains = backlog === 1 ? say`${known} for it waits` : say`${known} for it wait`;
  const left = forgottenAt === null ? remains : say`${remains} until ${instant(forgottenAt)}`;
  return [say`${name}: ${reason}, and ${left}; DELETE /api/destinations/${name} forgets all that`];
}

/** Kept events that are quarantined, by command and path over all shards, the most first. */
export function misfitProblems(shards: readonly (readonly CountedMisfit[])[]): Sentence[] {
  const misfits = mergeMisfits(shards).sort((a, b) => b.count - a.count);
  const sentences = misfits.slice(0, mostMisfits).map(({ command, path, count, estimated }) => {
    const at = path || say`the body`;
    return count === 1
      ? say`${command}: ${events(1, estimated)} is quarantined because of ${at}`
      : say`${command}: ${events(count, estimated)} are quarantined because of ${at}`;
  });
  const more = misfits.length - sentences.length;
  return more > 0
    ? [...sentences, say`and ${more} more commands and paths with quarantined events`]
    : sentences;
}

function events(count: number, estimated = false): Sentence {
  const known = count === 1 ? say`1 event` : say`${count} events`;
  return estimated ? say`about ${known}` : known;
}

function waits(count: number, estimated = false): Sentence {
  if (count === 0) return say`nothing waits`;
  return count === 1 ? say`${events(1, estimated)} waits` : say`${events(count, estimated)} wait`;
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}

/** The last error, as a caller that sees metadata alone may read it. */
function because(error: string | null): Sentence {
  return error === null ? say`` : say` (${shownError(error, "metadata")})`;
}
