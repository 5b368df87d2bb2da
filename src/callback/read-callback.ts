/**
 * Reads a request as an event, or as a refusal with its reason. The head is checked first and decides whether the body is
 * read at all. Cheap checks come first, and checks that reveal little: repeated parameters, probe, address, app,
 * signature, size, command, JSON, schema.
 */
import { canonicalName, catalogue } from "./catalogue.ts";
import { type Command, phaseByName } from "./command.ts";
import { guess } from "./conversation.ts";
import type { Event, Issue } from "./event.ts";
import { identitiesOf } from "./identity.ts";
import { kindOf } from "./issue.ts";
import { type Body, readJson } from "./json.ts";
import { readVia } from "./loop.ts";
import { misfitsOf } from "./misfit.ts";
import type { Parameters } from "./parameters.ts";
import { isProbe } from "./probe.ts";
import { type RefusalReason, type Refused, refused } from "./refusal.ts";
import { isRelay } from "./relay-events.ts";
import { placeOf, signatureProblem } from "./signature.ts";
import { asKey, cut, printable } from "./text.ts";

/** Largest body, bytes. Tencent documents no limit; its messages stay far below. */
export const maxBodyBytes = 1024 * 1024;

/** Longest name of a command, characters: the name is stored as a key in many tables. */
const maxCommandLength = 128;

/** The settings that decide how a callback is read. */
export interface ReceivingPolicy {
  apps: readonly string[];
  /** Empty: signatures are not checked. */
  tokens: readonly string[];
  /** Whether an address may send callbacks; null: any address may. */
  allows: ((address: string | null) => boolean) | null;
  unknownCommands: "accept" | "reject";
  invalidPayloads: "quarantine" | "forward" | "reject";
}

/** The part of a request that is read before its body. */
export interface RequestHead {
  parameters: Parameters;
  /** The signatures of its `RequestTime` by the policy's tokens. */
  signatures: readonly string[];
  /** The caller's address; null if the platform does not know it reliably. */
  address: string | null;
  /** The header `tim-relay-loop`. */
  via?: string | null;
}

/** The head of a request that passed all checks on it. */
export interface Head {
  kind: "head";
  app: string;
  /** The `CallbackCommand`, as given. */
  name: string | null;
  clientIp: string | null;
  platform: string | null;
  requestId: string | null;
  /** The query, less `Sign` and `RequestTime`. */
  query: string;
  receivedAt: number;
  /** The gateways that forwarded it, as `tim-relay-loop` names them. */
  via: string | null;
  /** The place in the settings, from 1, of the token that signed it; 0: signatures are not checked. */
  token: number;
}

/** A refusal by the head alone. If the body turns out to be a probe, the request is answered OK all the same. */
export interface RefusedHead extends Refused {
  mayProbe: boolean;
}

/** A callback that passed every check. */
export interface AcceptedCallback {
  kind: "accepted";
  /** The event without its id: the id names the shard, which depends on `shardKey`. */
  event: Omit<Event, "id">;
  /** False if the settings reject such payloads. A before-callback is answered all the same. */
  keep: boolean;
  /** The definition of the command; null if it is unknown. */
  definition: Command | null;
  /** The event's body, parsed. */
  body: Body;
  /** An event that shares an identity with a recent event is a duplicate of it. */
  identities: string[];
  /** The text whose hash selects the shard. */
  shardKey: string;
}

export type ReadResult = { kind: "probe" } | Refused | AcceptedCallback;

/** Checks the head of a request. @param now Unix milliseconds */
export function readHead(
  { parameters, signatures, address, via = null }: RequestHead,
  policy: ReceivingPolicy,
  now: number,
): Head | RefusedHead {
  if (parameters.repeated)
    return { ...refused(400, "repeated", `${parameters.repeated} is given more than once`), mayProbe: false };

  const app = parameters.get("sdkappid");
  const isOurs = app !== null && policy.apps.includes(app);
  const name = parameters.get("callbackcommand");
  const sign = parameters.get("sign");
  const signatureError = () =>
    policy.tokens.length > 0
      ? signatureProblem(signatures, sign, parameters.get("requesttime"), now / 1000)
      : null;
  const refuse = (reason: RefusalReason, sentence: string): RefusedHead => ({
    ...refused(403, reason, sentence),
    mayProbe: (app === null || isOurs) && ((name === null && sign === null) || signatureError() === null),
  });

  if (policy.allows && !policy.allows(address))
    return refuse("address", "this address may not send callbacks");
  if (app === null) return refuse("app", "SdkAppid is missing from the URL");
  if (!isOurs) return refuse("app", "SdkAppid is not an app of ours");
  const problem = signatureError();
  if (problem) return refuse("signature", problem);
  return {
    kind: "head",
    app,
    name,
    clientIp: parameters.get("clientip"),
    platform: parameters.get("optplatform"),
    requestId: parameters.get("requestid"),
    query: parameters.kept,
    receivedAt: now,
    via: via === null ? null : readVia(via),
    token: policy.tokens.length > 0 ? placeOf(sign!, signatures) : 0,
  };
}

/** Reads the body of a request whose head has passed all checks. */
export function readBody(head: Head, bytes: Uint8Array, policy: ReceivingPolicy): ReadResult {
  if (isProbe(bytes)) return { kind: "probe" };
  const named = readCommand(head, policy);
  if (named.kind === "refused") return named;
  const { canonical, command } = named;

  const json = readJson(bytes);
  if ("problem" in json) return refused(400, "json", json.problem);
  const { text, body } = json;
  if (Object.keys(body).length === 0) return { kind: "probe" };
  const other = otherCommandIn(body, canonical);
  if (other !== null)
    return refused(400, "command", `CallbackCommand in the body is ${other}, but in the URL ${head.name}`);

  const phase = command?.phase ?? phaseByName(canonical);
  const issues = command ? misfitsOf(command, body) : [];
  const valid = issues.length === 0;
  if (!valid && policy.invalidPayloads === "reject" && phase === "after")
    return refused(400, "payload", sentenceOf(canonical, issues));

  const event: AcceptedCallback["event"] = {
    command: canonical,
    phase,
    known: command !== null,
    valid,
    quarantined: !valid && policy.invalidPayloads !== "forward",
    app: head.app,
    conversation: (command?.conversation ?? guess)(body),
    receivedAt: head.receivedAt,
    clientIp: head.clientIp,
    platform: head.platform,
    query: head.query,
    body: text,
    size: bytes.byteLength,
    issues,
  };
  if (head.via !== null) event.via = head.via;
  return {
    kind: "accepted",
    event,
    keep: valid || policy.invalidPayloads !== "reject",
    definition: command,
    body,
    identities: valid && phase === "after" ? identitiesOf(event, command, body, head.requestId) : [],
    shardKey: JSON.stringify([head.app, event.conversation ?? text]),
  };
}

/** The command that a URL names. */
interface NamedCommand {
  kind: "named";
  /** Its name without a misprint. */
  canonical: string;
  /** Null: it is unknown. */
  command: Command | null;
}

function readCommand({ name }: Head, policy: ReceivingPolicy): NamedCommand | Refused {
  if (name === null) return refused(400, "command", "CallbackCommand is missing from the URL");
  if (name.length > maxCommandLength)
    return refused(400, "command", `CallbackCommand is longer than ${maxCommandLength} characters`);
  if (!/^[\w.-]+$/.test(name))
    return refused(400, "command", "CallbackCommand may hold letters, digits, `_`, `.` and `-` only");
  const canonical = canonicalName(name);
  if (isRelay(canonical))
    return refused(400, "command", "CallbackCommand names a relay event, of which only this gateway tells");
  const command = catalogue.get(canonical) ?? null;
  if (command === null && policy.unknownCommands === "reject")
    return refused(400, "command", "CallbackCommand names a command that is not known");
  return { kind: "named", canonical, command };
}

/** Another command that a body names, for a sentence; null if it names none or the same. */
function otherCommandIn({ CallbackCommand: given = "" }: Body, canonical: string): string | null {
  if (given === null || given === "") return null;
  if (typeof given !== "string") return kindOf(given);
  return canonicalName(given) === canonical ? null : printable(asKey(cut(given, maxCommandLength)));
}

/** One sentence that names every path at fault. */
export function sentenceOf(command: string, issues: readonly Issue[]): string {
  return `the payload does not fit ${command}: ${issues.map(({ path, message }) => `${path}: ${message}`).join("; ")}`;
}
