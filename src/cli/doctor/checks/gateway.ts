/** Checks of the gateway itself: whether it answers and is ours, and its own problems. */
import { version } from "../../../version.ts";
import { check, problem, warning } from "../check.ts";
import { topicOf } from "../topics.ts";

/** The clocks may differ by so much before it is worth a word. Milliseconds. */
const clockWarningMs = 10_000;

/** A signature is refused beyond this difference. Milliseconds. */
const signatureWindowMs = 60_000;

const reachable = check({
  name: "reachable",
  looksAt: "whether a gateway answers at the URL",
  means: "Tencent's callbacks may not arrive either: by default each is sent once.",
  mend: "Check the URL and that the gateway runs: `npm start` or `npm run serve` here, `npm run deploy` at Cloudflare.",
  needs: ["contact"],
  well: ({ contact }) => `${contact.url} answers in ${Math.round(contact.ms)} ms`,
  faults: ({ contact }) => (contact.failure === null ? [] : [problem(contact.failure)]),
});

const release = check({
  name: "version",
  looksAt: "whether the gateway's release is the one of this program",
  means: "The programs and the gateway know different things: a check may be missing or wrong.",
  mend: "Deploy this checkout, or run the program of the checkout that is deployed.",
  needs: ["health"],
  well: ({ health }) => health.version,
  faults: ({ health }) =>
    health.version === version
      ? []
      : [warning(`the gateway runs ${health.version}, this program is ${version}`)],
});

const token = check({
  name: "token",
  looksAt: "what the token opens",
  means: "Checks that need the API are not done, or not all of them.",
  mend: "Give an ADMIN_TOKEN of this gateway by `--token` or TIM_RELAY_TOKEN; without one at the gateway, set it there.",
  needs: ["access"],
  well: ({ access: { kind } }) => (kind === "admin" ? "an ADMIN_TOKEN" : "a READ_TOKEN, which may only read"),
  faults: ({ access: { kind, sentence } }) =>
    kind === "refused" ? [problem(sentence!)] : kind === "none" ? [warning(sentence!)] : [],
});

const clock = check({
  name: "clock",
  looksAt: "the difference between the gateway's clock and this machine's",
  means: "A callback whose time is over 60 s off is refused, although Tencent has signed it.",
  mend: "Set both clocks by NTP. Cloudflare's clock is right: if the gateway runs there, this machine's is wrong.",
  needs: ["clock"],
  well: ({ clock: { offMs } }) =>
    offMs === null
      ? "within the 60 s that signatures allow"
      : `${(Math.abs(offMs) / 1000).toFixed(1)} s apart`,
  faults({ clock: { offMs } }) {
    const off = Math.abs(offMs ?? 0);
    if (off <= clockWarningMs) return [];
    const says = `the clocks are ${Math.round(off / 1000)} s apart`;
    return [off > signatureWindowMs ? problem(says) : warning(says)];
  },
});

const settings = check({
  name: "settings",
  looksAt: "settings that the gateway finds wrong",
  means:
    "A wrong setting falls back to its default. While one that guards callbacks is wrong, all are answered 503.",
  mend: "Correct the setting that is named: a variable in `tim-relay.jsonc`, a secret in `.dev.vars` or by `npx wrangler secret put NAME`. Then start again, or `npm run deploy`.",
  needs: ["health"],
  well: () => "none is wrong",
  faults: ({ health }) => health.problems.filter((one) => topicOf(one) === "settings").map(problem),
});

const others = check({
  name: "health",
  looksAt: "what else `/health` names",
  means: "The gateway itself says that something is wrong.",
  mend: "The sentence names the cause and, where there is one, the remedy. The gateway's log has the error.",
  needs: ["others"],
  well: () => "names nothing else",
  faults: ({ others }) => others.map(problem),
});

const shards = check({
  name: "shards",
  looksAt: "whether every shard has a part in what the other checks count",
  means: "More may wait, fail or differ than the other checks show.",
  mend: "Mend the shard that `/health` names, and run the doctor again.",
  needs: ["stats"],
  well: () => "every shard answers",
  faults: ({ stats: { missing = [] } }) =>
    missing.map((shard) => problem(`shard ${shard} does not answer, and has no part in the counts`)),
});

export const gatewayChecks = [reachable, release, token, clock, settings, others, shards];
