/** Servers that misbehave, in a process of their own. Each answers every fifth request well: its breaker opens late. */
import { misbehaviours } from "./catalogue.ts";
import { serve } from "./server.ts";

const wellEvery = 5;

const urls: Record<string, string> = {};
for (const name of process.argv.slice(2)) {
  const found = misbehaviours.find((one) => one.name === name)!;
  urls[name] = (await serve(found, (request) => request % wellEvery === wellEvery - 1)).url;
}
process.send!(urls);
