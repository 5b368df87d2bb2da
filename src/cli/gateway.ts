/** The gateway that a command talks to: where it is, which token opens it, and why it did not answer. */
import { printable } from "../callback/text.ts";
import { ApiError, type Client, connect } from "../client/index.js";
import { textsIn } from "../rule/secret.ts";
import { parseExactly } from "../verdict/exact-json.ts";
import { version } from "../version.ts";
import { messageOf } from "./errno.ts";
import { Misuse, tell } from "./failure.ts";
import { readSettings, type Settings } from "./settings.ts";

/** The options of `gatewayCommand`. */
export interface GatewayOptions {
  url?: string | undefined;
  token?: string | undefined;
  timeout: number;
  json?: true | undefined;
}

export interface Access {
  url: string;
  /** Where the URL comes from, for a sentence. */
  from: string;
  token: string | null;
  /** Where the token comes from, for a sentence. */
  source: string;
  /** Whether the gateway runs on this machine. */
  local: boolean;
}

/** The gateway of a command without `--url`, and where its URL comes from. */
export function usualUrl({ TIM_RELAY_URL, PORT }: Settings): Pick<Access, "url" | "from"> {
  return TIM_RELAY_URL
    ? { url: TIM_RELAY_URL, from: "TIM_RELAY_URL" }
    : { url: `http://localhost:${PORT || 8787}`, from: "PORT" };
}

/** @throws Misuse if the URL is none */
export function accessOf(
  { url: given, token }: Pick<GatewayOptions, "url" | "token">,
  settings: Settings,
): Access {
  const { url, from } = given ? { url: given, from: "--url" } : usualUrl(settings);
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new Misuse(
      `${from}: expected an address such as https://tim-relay.example.com, got ${JSON.stringify(url)}`,
    );
  const { hostname } = new URL(url);
  const local = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  // The token of a gateway on this machine is shown to no other machine.
  const own = local ? (textsIn(settings.ADMIN_TOKEN)[0] ?? "") : "";
  const tokens = [
    { token, source: "--token" },
    { token: settings.TIM_RELAY_TOKEN, source: "TIM_RELAY_TOKEN" },
    { token: own, source: "ADMIN_TOKEN of this machine's settings" },
  ];
  const found = tokens.find((one) => one.token);
  return { url, from, token: found?.token ?? null, source: found?.source ?? "", local };
}

/**
 * Runs a command at its gateway, and sets the exit code. A failure ends the program with a sentence.
 * @param act resolves with the exit code; undefined is 0
 */
export async function atGateway(
  options: GatewayOptions,
  act: (relay: Client) => Promise<number | undefined>,
): Promise<void> {
  const access = accessOf(options, readSettings());
  const relay = clientOf(access, options.timeout);
  try {
    process.exitCode = (await act(relay)) ?? 0;
  } catch (error) {
    tell(error instanceof Misuse ? error : new Error(await sentenceOf(error, relay, access)));
  }
}

export function clientOf({ url, token }: Pick<Access, "url" | "token">, timeoutSeconds: number): Client {
  return connect({ url, token, timeoutMs: timeoutSeconds * 1000, parse: parseExactly });
}

/** Why a command failed, where, and the remedy. */
export async function sentenceOf(error: unknown, relay: Client, access: Access): Promise<string> {
  if (!(error instanceof ApiError)) {
    const message = messageOf(error);
    if (error instanceof Error && "syscall" in error) return message;
    // An answer of another release may lack a field that this one reads.
    const other = await otherVersion(relay);
    return other === null
      ? `unexpected: ${message}`
      : `${relay.url} runs tim-relay ${other}, whose answer this tim-relay ${version} does not understand: ${sameRelease}`;
  }
  const { code, message, status } = error;
  switch (code) {
    case "unreachable":
    case "timeout":
    case "not_the_api":
      // The message of an export that broke off ends with how to go on.
      return message.includes("; the rest: ") ? message : `${message}${remedyFor(error, access)}`;
    case "no_token":
      return `${relay.url} asks for a token: ${message}; give --token, or set TIM_RELAY_TOKEN${access.local ? ", or ADMIN_TOKEN in .dev.vars" : ""}`;
    case "wrong_token":
    case "read_only":
      return `${relay.url} refuses the token of ${access.source}: ${message}`;
    case "unknown_route":
    case "method_not_allowed": {
      const other = await otherVersion(relay);
      return other === null
        ? message
        : `${relay.url} runs tim-relay ${other}, which does not know this command of tim-relay ${version}: ${sameRelease}`;
    }
    default:
      return status === 429 ? `${message} (${relay.url})` : message;
  }
}

const sameRelease = "deploy this release, or use the program of that one";

/** The remedy where nothing answers, or not as a gateway does. */
function remedyFor({ code, message }: ApiError, { from, local }: Access): string {
  if (code === "timeout") return ": --timeout waits longer";
  if (code === "not_the_api") return `; the address is that of ${from}`;
  if (message.endsWith("broke the connection off")) return ": try again in a moment";
  if (local && message.startsWith("nothing listens")) return ": is the gateway running (npm start)?";
  return `: is the address of ${from} right?`;
}

/** The gateway's release where it is not ours; null where it is, or cannot be told. */
async function otherVersion(relay: Client): Promise<string | null> {
  const health = await relay.get("/health").catch(() => null);
  return typeof health?.version === "string" && health.version !== version ? printable(health.version) : null;
}
