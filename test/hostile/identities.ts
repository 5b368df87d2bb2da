/** Which accepted callbacks must arrive, and which may be the same event as another one. */
import { createHash } from "node:crypto";
import { catalogue } from "../../src/callback/catalogue.ts";
import { bodyOf, type Draft } from "./draft.ts";

/** True of an after-callback that is no probe. */
export function mustArrive(draft: Draft): boolean {
  const text = bodyOf(draft).toString().trim();
  if (/Before|Prev|OnC2CSignalMessage/.test(commandOf(draft))) return false;
  return text !== "" && Object.keys(JSON.parse(text)).length > 0;
}

/** The seeds of callbacks of which another one is the same event. @param identities of earlier callbacks; gets these */
export function duplicatesAmong(
  accepted: ReadonlyMap<string, Draft>,
  identities: Map<string, string>,
): Set<string> {
  const duplicates = new Set<string>();
  for (const [seed, draft] of accepted)
    for (const identity of identitiesOf(draft)) {
      const earlier = identities.get(identity);
      identities.set(identity, seed);
      if (earlier === undefined) continue;
      duplicates.add(seed);
      // Which of two came first is not known.
      duplicates.add(earlier);
    }
  return duplicates;
}

/** Texts that two callbacks share if they may be the same event. */
function identitiesOf(draft: Draft): string[] {
  const text = bodyOf(draft).toString();
  const command = catalogue.get(commandOf(draft));
  const own = mustArrive(draft) ? command?.identity?.(JSON.parse(text)) : undefined;
  return [text, ...(own ? [JSON.stringify(own)] : [])].map((one) =>
    createHash("sha256").update(`${command?.name} ${one}`).digest("base64"),
  );
}

function commandOf({ query }: Draft): string {
  const [, name = ""] = query.find(([name]) => name.toLowerCase() === "callbackcommand") ?? [];
  // As a Worker reads a query: an escape that is none stays as it stands.
  return new URLSearchParams(`name=${name}`).get("name") ?? "";
}
