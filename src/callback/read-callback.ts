/**
 * From a request to an event, or to a refusal that says why. In: the query, the bytes, the caller's address.
 * Out: one of three readings. Checks run in the order of their cost and of what they give away:
 * repeated parameters, probe, address, app, signature, size, command, JSON, schema.
 */
import { canonicalName, catalogue } from "./catalogue.ts";
import { type Body, type Command, phaseByName } from "./command.ts";
import { guess } from "./conversation.ts";
import type { Event, Issue } from "./event.ts";
import { issuesOf } from "./issue.ts";
import { signatureProblem } from "./signature.ts";

/** Tencent states no limit; its own messages stay far below. Bytes. */
export const largestBody = 1024 * 1024;

/** Of a larger body only the first issue is named: it could hold a hundred thousand. Bytes. */
const manyIssues = 64 * 1024;

/** What of the settings decides how a callback is read. */
export interface ReceivingPolicy {
  apps: readonly string[];
  /** Empty: signatures are not checked. */
  tokens: readonly string[];
  /** null: any address may send. */
  allows: ((address: string | null) => boolean) | null;
  unknownCommands: "accept" | "reject";
  invalidPayloads: "quarantine" | "forward" | "reject";
}

export interface ReceivedRequest {
  /** The query as received, without `?`. */
  query: string;
  /** null: larger than `largestBody`. */
  body: Uint8Array | null;
  /** The caller's address, where the platform knows it for certain. */
  address: string | null;
}

export type RefusalReason =
  | "repeated"
  | "address"
  | "app"
  | "signature"
  | "size"
  | "command"
  | "json"
  | "payload";

/** An event that has no id yet: its id names the shard, and the shard follows from what is read here. */
export type Arrival = Omit<Event, "id">;

export type Reading =
  | { kind: "probe" }
  | { kind: "refused"; status: 400 | 403 | 413; reason: RefusalReason; sentence: string }
  | {
      kind: "event";
      arrival: Arrival;
      /** Whether it is to be kept; a before-callback is answered even if not. */
      keep: boolean;
      /** How to answer; null for commands nobody has described. */
      command: Command | null;
      body: Body;
      /** Each says what happened: an event that shares one with a recent event is that event again. */
      identities: string[];
      /** Decides the shard. */
      shardKey: string;
    };

/** The parameters that decide: given twice, nobody can say which one was meant. */
const decisive = ["sdkappid", "callbackcommand", "sign", "requesttime"];

/** `Sign` and `RequestTime` open the door for a minute: they are neither kept nor forwarded. */
const credentials = ["sign", "requesttime"];

export function readCallback(request: ReceivedRequest, policy: ReceivingPolicy, now: number): Reading {
  const parameters = parametersOf(request.query);
  if (parameters.repeated) return refused(400, "repeated", `${parameters.repeated} is given more than once`);

  const app = parameters.get("sdkappid");
  const ours = app !== null && policy.apps.includes(app);
  const name = parameters.get("callbackcommand");
  if (name === null && (app === null || ours) && isProbe(request.body)) return { kind: "probe" };

  if (policy.allows && !policy.allows(request.address))
    return refused(403, "address", "this address may not send callbacks");
  if (app === null) return refused(403, "app", "SdkAppid is missing from the URL");
  if (!ours) return refused(403, "app", "SdkAppid is not an app of ours");
  if (policy.tokens.length > 0) {
    const problem = signatureProblem(
      policy.tokens,
      parameters.get("sign"),
      parameters.get("requesttime"),
      now / 1000,
    );
    if (problem) return refused(403, "signature", problem);
  }

  if (request.body === null)
    return refused(413, "size", `the body is larger than ${largestBody / 1024 / 1024} MiB`);
  if (name === null) return refused(400, "command", "CallbackCommand is missing from the URL");
  const canonical = canonicalName(name);
  const command = catalogue.get(canonical) ?? null;
  if (command === null && policy.unknownCommands === "reject")
    return refused(400, "command", "CallbackCommand names a command that is not known");

  const json = readJson(request.body);
  if ("problem" in json) return refused(400, "json", json.problem);
  const { text, body } = json;
  const inside = body.CallbackCommand;
  if (inside !== undefined && (typeof inside !== "string" || canonicalName(inside) !== canonical))
    return refused(400, "command", "CallbackCommand in the body is another one than in the URL");

  const phase = command?.phase ?? phaseByName(canonical);
  const issues = command ? issuesOf(command.body, body, request.body.byteLength > manyIssues) : [];
  const valid = issues.length === 0;
  if (!valid && policy.invalidPayloads === "reject" && phase === "after")
    return refused(400, "payload", sentenceOf(canonical, issues));

  const arrival: Arrival = {
    command: canonical,
    phase,
    known: command !== null,
    valid,
    quarantined: !valid && policy.invalidPayloads !== "forward",
    app,
    conversation: (command?.conversation ?? guess)(body),
    receivedAt: now,
    clientIp: parameters.get("clientip"),
    platform: parameters.get("optplatform"),
    query: parameters.kept,
    body: text,
    size: request.body.byteLength,
    issues,
  };
  return {
    kind: "event",
    arrival,
    keep: valid || policy.invalidPayloads !== "reject",
    command,
    body,
    identities:
      valid && phase === "after" ? identitiesOf(arrival, command, body, parameters.get("requestid")) : [],
    shardKey: JSON.stringify([app, arrival.conversation ?? text]),
  };
}

/** One sentence that names every path at fault. */
export function sentenceOf(command: string, issues: readonly Issue[]): string {
  return `the payload does not fit ${command}: ${issues.map(({ path, message }) => `${path}: ${message}`).join("; ")}`;
}

function refused(status: 400 | 403 | 413, reason: RefusalReason, sentence: string): Reading {
  return { kind: "refused", status, reason, sentence };
}

/** Names are matched without regard to case: Tencent's own pages spell them in several. */
function parametersOf(query: string) {
  const values = new Map<string, string>();
  const kept: string[] = [];
  let repeated: string | null = null;
  for (const part of query.split("&")) {
    if (part === "") continue;
    const [name, value] = pairOf(part);
    const key = name.toLowerCase();
    if (!values.has(key)) values.set(key, value);
    else if (decisive.includes(key)) repeated ??= name;
    if (!credentials.includes(key)) kept.push(part);
  }
  return {
    /** null where it is missing or empty. */
    get: (name: string) => values.get(name) || null,
    repeated,
    kept: kept.join("&"),
  };
}

/** Most names and values are written plainly, and decoding is slow. */
function pairOf(part: string): [name: string, value: string] {
  if (/[%+]/.test(part)) return [...new URLSearchParams(part)][0] ?? ["", ""];
  const equals = part.indexOf("=");
  return equals < 0 ? [part, ""] : [part.slice(0, equals), part.slice(equals + 1)];
}

/** What the console's "check" button is taken to send: nothing, or an empty object. */
function isProbe(body: Uint8Array | null): boolean {
  if (body === null || body.byteLength > 64) return false;
  return /^[ \t\r\n]*(\{[ \t\r\n]*\})?[ \t\r\n]*$/.test(Buffer.from(body).toString("latin1"));
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function readJson(bytes: Uint8Array): { text: string; body: Body } | { problem: string } {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { problem: "the body is not UTF-8" };
  }
  if (text.charCodeAt(0) === 0xfeff)
    return { problem: "the body begins with a byte order mark, which is not JSON" };
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== "object" || body === null || Array.isArray(body))
      return { problem: "the body is not a JSON object" };
    return { text, body: body as Body };
  } catch {
    return { problem: "the body is not JSON" };
  }
}

/** An event without a time may well happen twice with the same body. */
const holdsTime = /"EventTime"\s*:/;

/**
 * By the same request id and content; and by what identifies the thing that happened, where the command has
 * such an identity and the body holds all of it, else by content, if that holds a time.
 */
function identitiesOf(
  { app, command: name, body: text }: Arrival,
  command: Command | null,
  body: Body,
  requestId: string | null,
): string[] {
  const identities: string[] = [];
  const by = (how: string, ...parts: unknown[]) => JSON.stringify([app, name, how, ...parts]);
  if (requestId !== null) identities.push(by("request", requestId) + text);
  const identity = command?.identity?.(body) ?? null;
  if (identity !== null) identities.push(by("identity", ...identity));
  else if (holdsTime.test(text)) identities.push(by("content") + text);
  return identities;
}
