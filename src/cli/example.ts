/** Examples on the command line: the URL that they are sent to, changes by `--set`, and names that are near. */
import { assign } from "../callback/assign.ts";
import { exampleQuery } from "../callback/example.ts";
import { parseJson } from "../rule/json.ts";
import { editDistance } from "../rule/nearest.ts";
import { Misuse } from "./failure.ts";
import { signatureOf } from "./signature.ts";

export interface Sender {
  /** The callback URL; parameters are added to it. */
  url: string;
  app: string;
  /** The token that signs; null: unsigned. */
  token: string | null;
}

/** A callback URL with its query. */
export function callbackUrl({ url, app, token }: Sender, command: string, nowMs: number): string {
  const target = new URL(url);
  const RequestTime = String(Math.floor(nowMs / 1000));
  const signature = token === null ? null : { Sign: signatureOf(token, RequestTime), RequestTime };
  for (const [name, value] of Object.entries(exampleQuery(app, command, signature)))
    target.searchParams.append(name, value);
  return target.href;
}

/**
 * Assigns a value by path in a body: `MsgSeqList[0].MsgSeq=7`. The value is JSON if it can be parsed, else text.
 * @throws Misuse
 */
export function change(body: Record<string, unknown>, assignment: string): void {
  const equals = assignment.indexOf("=");
  const problem =
    equals < 0
      ? "write it as path=value, for example MsgSeqList[0].MsgSeq=7"
      : assign(body, assignment.slice(0, equals), jsonOrText(assignment.slice(equals + 1)));
  if (problem !== null) throw new Misuse(`--set ${assignment}: ${problem}`);
}

/** JSON, with numbers beyond 2^53 exact, or else the text itself. */
function jsonOrText(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/** Up to three of `names` that are similar to `name`. */
export function nearest(name: string, names: Iterable<string>): string[] {
  const wanted = name.toLowerCase();
  return [...names]
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate) }))
    .filter(
      ({ candidate, distance }) => distance <= wanted.length / 3 || candidate.toLowerCase().includes(wanted),
    )
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}
