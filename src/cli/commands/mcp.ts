/** `tim-relay mcp`: a server of the Model Context Protocol on stdio, for coding agents. */
import { toGateway } from "../command.ts";
import { accessOf } from "../gateway.ts";
import { readSettings } from "../settings.ts";

const help = `
An agent starts it and speaks to it on standard input and output; docs/agents.md tells how an agent is told of it.
The tools read events, rules, destinations and health. The tools that act are there with --allow-write alone.

Example: npx tim-relay mcp --url https://tim-relay.example.com`;

export const mcp = toGateway("mcp", "answers coding agents, by the Model Context Protocol on stdio")
  .option("--allow-write", "has tools that act, too: replay, retry, pause, resume, skip, test")
  .addHelpText("after", help)
  .action(async (options) => {
    const access = accessOf(options, readSettings());
    // Imported on demand: no other command needs the protocol.
    const { serveMcp } = await import("../mcp/serve.ts");
    await serveMcp(access, options.timeout, options.allowWrite === true);
    // A request that is under way has no client any more.
    process.exit();
  });
