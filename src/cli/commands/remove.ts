/** `tim-relay forget` and `erase`: they cannot be undone, and say so before they begin. */
import { ApiError, type Client } from "../../client/index.js";
import { gatewayCommand } from "../command.ts";
import { counted } from "../counted.ts";
import { Misuse } from "../failure.ts";
import { atGateway } from "../gateway.ts";
import { hint } from "../hint.ts";
import { goesOn } from "../interrupt.ts";
import { sayEnd } from "../replay/report.ts";
import { watched } from "../replay/watch.ts";
import { bold, say, sayJson } from "../screen.ts";

const sure = ["--yes", "does it: it cannot be undone"] as const;

export const forget = gatewayCommand("forget", "forgets a destination that no rule has any more", "admin")
  .argument("<destination>", "its name")
  .option(...sure)
  .addHelpText("after", "\nExample: npx tim-relay forget old-audit --yes")
  .action((name, options) =>
    atGateway(options, async (relay) => {
      if (!options.yes) throw new Misuse(await lossOf(relay, name));
      const answer = await relay.delete("/api/destinations/{name}", { path: { name } });
      if (options.json) sayJson(answer);
      else say(bold(name), ` is forgotten: ${counted(answer.forgotten, "event")} waited for it`);
      return 0;
    }),
  );

/** @throws ApiError where the gateway would not forget it */
async function lossOf(relay: Client, name: string): Promise<string> {
  const [destinations, rules] = [await relay.get("/api/destinations"), await relay.get("/api/rules")];
  const found = destinations.find((one) => one.name === name);
  if (!found)
    throw new ApiError(
      "unknown_destination",
      `there is no destination ${JSON.stringify(name)}: nothing is forgotten`,
    );
  if (rules.some((rule) => rule.name === name && (rule.kind === "forward" || rule.state === "wrong")))
    throw new ApiError(
      "destination_in_use",
      `${name} has a rule: only what no rule names any more can be forgotten`,
    );
  const { waiting, retrying, dead } = found;
  const lost = `${counted(waiting, "event")} in its backlog, ${counted(retrying, "retry", "retries")} and ${counted(dead, "dead letter")}`;
  return `${name} would never get ${lost}; the events themselves are kept. Nothing is forgotten yet: add --yes`;
}

export const erase = gatewayCommand("erase", "blanks every kept event that names an account", "admin")
  .argument("<account>", "the account, as callbacks name it")
  .option(...sure)
  .addHelpText("after", "\nExample: npx tim-relay erase minh --yes")
  .action((account, options) =>
    atGateway(options, async (relay) => {
      if (!options.yes)
        throw new Misuse(
          `every kept event that names ${account} would lose its body and names, and its deliveries that wait would become dead letters with nothing to send. Which they are: ${hint(relay, `events --account ${account}`)}. Nothing is erased yet: add --yes`,
        );
      const { id, matched } = await goesOn(
        `the erasure may have begun at the gateway: ${hint(relay, "replay --list")}`,
        () => relay.post("/api/erase", { body: { account } }),
      );
      if (!options.json) say(`Erasing ${counted(matched, "event")}`);
      const job = await watched(relay, id);
      if (!options.json) return sayEnd(job, relay);
      sayJson(job);
      return job.state === "done" ? 0 : 1;
    }),
  );
