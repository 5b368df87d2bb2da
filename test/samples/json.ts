/** Blocks of JSON: each is of a kind, which its members show, and is read as the project reads that kind. */

import { catalogue } from "../../src/callback/catalogue.ts";
import { relayEvents } from "../../src/callback/relay-events.ts";
import { checkRules } from "../../src/cli/check-rules.ts";
import { readJsonDocument, strictText } from "../../src/cli/json-with-comments.ts";
import { parseUserFile } from "../../src/cli/user-file.ts";
import { isObject, type Json, type JsonObject, parseJson } from "../../src/rule/json.ts";
import { pathAt } from "../../src/rule/setting-path.ts";
import { readTrialEvent } from "../../src/rule/trial.ts";
import { namedSchema, schemaProblem } from "./curl.ts";
import { fieldsOfEvent, fieldsOfRule } from "./fields.ts";
import { environment } from "./files.ts";
import { programProblem } from "./tim-relay.ts";

interface Kind {
  name: string;
  /** Whether a value, or each item of a list, is of this kind by its members. */
  has: (object: JsonObject) => boolean;
  /** The mistakes of a block. */
  problems: (text: string, value: Json) => readonly string[];
}

const holds =
  (...names: string[]) =>
  (object: JsonObject) =>
    names.every((name) => name in object);

const isRule = (object: JsonObject) =>
  "name" in object && ["url", "ask", "answer"].some((key) => key in object);

/** The mistakes and warnings of the rules' own check. */
export function ruleProblems(text: string, variables: Readonly<Record<string, unknown>> = {}): string[] {
  const { mistakes, warnings } = checkRules({
    from: "",
    sources: [{ name: "rules", value: text }],
    variables: { ALLOW_PRIVATE_DESTINATIONS: "true", ...variables },
    secrets: {},
    bindings: null,
    document: null,
  });
  return [...mistakes, ...warnings];
}

/** A part of an answer: its fields are those of the schema, but not all of them need to be there. */
const described =
  (schema: Parameters<typeof namedSchema>[0]): Kind["problems"] =>
  (text) => {
    const problem = schemaProblem(namedSchema(schema), JSON.parse(text), { partial: true });
    return problem === null ? [] : [problem];
  };

const commands = new Set([...catalogue.keys(), ...relayEvents.map(({ name }) => name)]);

/** The first that fits is taken. */
const kinds: readonly Kind[] = [
  {
    name: "rules",
    has: isRule,
    problems: (text, value) => [
      ...ruleProblems(Array.isArray(value) ? text : `[${text}]`),
      ...[value].flat().flatMap((rule) => fieldsOfRule(rule as JsonObject)),
    ],
  },
  {
    name: "tim-relay.jsonc",
    has: (object) => ["vars", "rules", "redact", "environments"].some((key) => key in object),
    problems(text) {
      const file = parseUserFile("tim-relay.jsonc", text);
      return [file, ...file.environments.values()].flatMap((part) =>
        ruleProblems(part.rules?.value ?? "[]", part.variables),
      );
    },
  },
  { name: "REDACT", has: holds("on", "paths"), problems: (text) => ruleProblems("[]", { REDACT: text }) },
  {
    name: "an event to try rules on",
    has: (object) => "command" in object && "body" in object,
    problems(_, value) {
      const problems: string[] = [];
      readTrialEvent(
        value,
        pathAt("event", (at, problem) => problems.push(`${at}: ${problem}`)),
        0,
      );
      const { command } = value as JsonObject;
      return commands.has(String(command))
        ? [...problems, ...fieldsOfEvent(value as JsonObject)]
        : [...problems, `${command} is no known command`];
    },
  },
  {
    name: "lines of the tail",
    has: (object) => ["event", "verdict", "delivery", "gap"].includes(String(object.type)),
    problems: described("TailFrame"),
  },
  {
    name: "a frame of a listener",
    has: holds("id", "kind", "headers", "body"),
    problems: described("ListenerFrame"),
  },
  {
    name: "an answer to a poll",
    has: holds("events", "after"),
    problems: (text, value) => [
      ...described("Polled")(text, value),
      ...((value as JsonObject).events as JsonObject[]).flatMap(envelopeProblems),
    ],
  },
  { name: "an error of the API", has: holds("error"), problems: described("ApiError") },
  {
    name: "an answer to Tencent",
    has: (object) => "ErrorCode" in object || "ActionStatus" in object,
    problems: described("CallbackAnswer"),
  },
  {
    name: "an event that is forwarded",
    has: holds("type", "data"),
    problems: (_, value) => envelopeProblems(value as JsonObject),
  },
  {
    name: "servers for agents",
    has: holds("mcpServers"),
    problems: (_, value) => serverProblems(value as JsonObject),
  },
];

/** The mistakes in a block. */
export function jsonProblems(language: string, text: string): readonly string[] {
  try {
    const value = parseJson(language === "jsonc" ? withoutComments(text) : text);
    const objects = (Array.isArray(value) ? value : [value]).filter(isObject);
    const kind = kinds.find(({ has }) => objects.length > 0 && objects.every(has));
    if (!kind)
      return [`is none of ${kinds.map(({ name }) => name).join(", ")}: add its kind to test/samples/json.ts`];
    return kind.problems(
      language === "jsonc" && kind.name !== "tim-relay.jsonc" ? withoutComments(text) : text,
      value,
    );
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function withoutComments(text: string): string {
  const document = readJsonDocument("block", text);
  return strictText(document, document.root);
}

/** The members of the format `event`, without a batch around. */
const envelope = ["type", "timestamp", "id", "app", "clientIp", "platform", "data"];

function envelopeProblems(event: JsonObject): string[] {
  const unknown = Object.keys(event).filter((name) => !envelope.includes(name));
  return [
    ...unknown.map((name) => `an event that is forwarded has no ${name}`),
    ...(commands.has(String(event.type)) ? [] : [`${event.type} is no known command`]),
  ];
}

type Server = { command: string; args: string[]; env: JsonObject };

/** The command of each server is a use of this program. */
function serverProblems({ mcpServers }: JsonObject): string[] {
  const servers = Object.values(mcpServers as Readonly<Record<string, Server>>);
  return servers.flatMap(({ command, args: [program = "", ...args], env }) => {
    if (command !== "node" || !program.endsWith("/src/cli/tim-relay.js"))
      return [`${command} ${program} is not known here`];
    const unknown = Object.keys(env).filter((name) => !environment.includes(name));
    return [...unknown.map((name) => `${name} is read by no program`), programProblem(args) ?? []].flat();
  });
}
