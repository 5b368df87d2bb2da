/** Checks of callbacks: whether they are as Tencent documents them. */
import { check, problem, warning } from "../check.ts";
import { topicOf } from "../topics.ts";

/** So many differences are named; the rest are counted. */
const mostShown = 5;

const quarantine = check({
  name: "quarantine",
  looksAt: "events whose body does not name what happened",
  means:
    "They were answered 400, are kept, and go nowhere: Tencent has changed a field, or somebody forges callbacks.",
  mend: "`npx tim-relay events --state quarantined` shows them. A release that knows the field, or `INVALID_PAYLOADS=forward`, accepts them; `npx tim-relay replay --destination NAME --since 24h --state quarantined` sends them.",
  needs: ["health"],
  well: () => "none",
  faults: ({ health }) => health.problems.filter((one) => topicOf(one) === "quarantine").map(problem),
});

const drift = check({
  name: "drift",
  looksAt: "callbacks that differ from what Tencent documents",
  means: "They are valid and forwarded; a backend that relies on the documents may not expect them.",
  mend: "Look at one of these events, and at the backend that reads the field. A newer release may know it.",
  needs: ["drift"],
  well: () => "none differs",
  faults({ drift }) {
    const shown = drift.slice(0, mostShown).map(({ command, path, kind, seen, count, lastAt }) => {
      const where = path === "" ? command : `${command} ${path}`;
      const value = seen === null ? "" : ` ${JSON.stringify(seen)}`;
      return warning(`${where}: ${kind}${value}, ${count} times, last at ${lastAt}`);
    });
    const more = drift.length - shown.length;
    return more > 0 ? [...shown, warning(`and ${more} more differences`)] : shown;
  },
});

export const payloadChecks = [quarantine, drift];
