/** The gateway's log as `npm start` shows it: a readable line for each callback and attempt, with a hint where one helps. */
import type { RefusalReason } from "../callback/refusal.ts";
import { printable } from "../callback/text.ts";

/** A line of the log, as JSON. The fields depend on `at`. */
type Fields = Readonly<Record<string, unknown>> & { time: string; level: string; at: string };

/** A line for people. A text that is no line of the log is returned as it is. Never a character that a terminal obeys. */
export function shownLine(text: string): string {
  const fields = fieldsOf(text);
  if (fields === null) return printable(text);
  const { at, omittedBefore } = fields;
  const say = Object.hasOwn(sayings, at) ? sayings[at as keyof typeof sayings] : other;
  const omitted = omittedBefore ? ` (${omittedBefore} lines like this were left out before)` : "";
  return printable(`${clock(fields.time)} ${say(fields)}${omitted}`).replaceAll("\n", "\\n");
}

const sayings = { callback, attempt, refused };

function callback({ command, id, phase, result, ms, code, how, rule, sentence }: Fields): string {
  if (result === "quarantined")
    return `✘ a callback was quarantined: ${sentence}. It is kept as ${id}, and not forwarded. ${hints.payload}`;
  const kept = result === "kept" ? `kept as ${id}` : "not kept, as INVALID_PAYLOADS says";
  if (phase !== "before" && code === undefined) return `● ${command} ${kept}, ${ms} ms`;
  const by = rule ? `rule ${rule}, ${how}` : "no rule decides";
  return `● ${command} ${code === 0 ? "allowed" : `refused with code ${code}`} (${by}), ${kept}, ${ms} ms`;
}

function attempt(fields: Fields): string {
  const {
    destination,
    command,
    id,
    events,
    result,
    ms,
    attempt: number,
    error,
    nextAt,
    time,
    status,
  } = fields;
  const which = events ? `${events} events from ${id}` : `${command} ${id}`;
  if (result === "delivered") return `→ ${destination} has ${which}: ${status} in ${ms} ms`;
  const next =
    typeof nextAt === "string" ? `again in ${span(Date.parse(nextAt) - Date.parse(time))}` : gaveUp;
  return `✘ ${destination} has not got ${which}: ${error}, attempt ${number}, ${next}`;
}

const gaveUp = "given up: a dead letter";

function refused({ reason, status, sentence }: Fields): string {
  const hint = Object.hasOwn(hints, String(reason)) ? ` ${hints[reason as RefusalReason]}` : "";
  return `✘ a callback was refused, ${status}: ${sentence}.${hint}`;
}

function other({ time, level, at, omittedBefore, ...fields }: Fields): string {
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${plain(value)}`);
  return [level, at, ...shown].join(" ");
}

/** The setting behind a refusal, or the way to send rightly. */
const hints: Readonly<Record<RefusalReason, string>> = {
  repeated: "Give each parameter of the URL once.",
  address: "ALLOW_FROM lists the addresses that may send; leave it out in local runs.",
  app: "SDK_APP_ID lists the apps that may send; `npm run send` names the first one.",
  signature:
    "Sign is the SHA-256 of CALLBACK_TOKEN and RequestTime; `npm run send` signs so, and without CALLBACK_TOKEN nothing is checked.",
  loop: "Its `url` leads back to this gateway.",
  size: "A callback has at most 1 MiB.",
  busy: "Too many large bodies came at once.",
  body: "The sender broke off.",
  command: "`npm run send -- --list` names the commands.",
  json: "`npm run send` shows a callback as Tencent sends it.",
  payload:
    "docs/commands.md has the fields of each command; INVALID_PAYLOADS decides what happens to misfits.",
};

function fieldsOf(text: string): Fields | null {
  if (!text.startsWith("{")) return null;
  try {
    const fields = JSON.parse(text);
    return [fields.time, fields.level, fields.at].every((one) => typeof one === "string") ? fields : null;
  } catch {
    return null;
  }
}

/** The time of day here: `14:03:07`. */
function clock(time: string): string {
  const at = new Date(time);
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}

function span(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, ms)} ms`;
  if (ms < 90_000) return `${Math.round(ms / 1_000)} s`;
  return ms < 5_400_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}

function plain(value: unknown): string {
  return typeof value === "string" && /^[\w.:@/+#-]+$/.test(value) ? value : JSON.stringify(value);
}
