/** A build whose shards fall silent when a test says so: their calls hang, or throw. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import type { Bundle } from "../../src/cli/bundle.ts";
import { type Gateway, todaysBuild } from "./gateway.ts";

/** Null: the shard answers again. A call that hangs goes on then. */
export type Silence = "hangs" | "throws" | null;

const main = "silent.js";

const source = `
import worker, { Courier, Limiter, Shard as Base, Steward } from "./index.js";
export { Courier, Limiter, Steward };
export default worker;
export class Shard extends Base {
  silence = null;
}
for (const name of Object.getOwnPropertyNames(Base.prototype)) {
  const { value } = Object.getOwnPropertyDescriptor(Base.prototype, name);
  if (name === "constructor" || typeof value !== "function") continue;
  Shard.prototype[name] = async function (...given) {
    if (name === "append" && given[0].silence !== undefined) this.silence = given[0].silence;
    else {
      if (this.silence === "throws") throw new Error("broken by a test");
      while (this.silence === "hangs") await scheduler.wait(50);
      return value.apply(this, given);
    }
  };
}`;

/** Today's build, in which `silence` works. Its folder is removed when the file of tests ends. */
export async function silencing(): Promise<Bundle> {
  const build = await todaysBuild;
  const dir = mkdtempSync(join(tmpdir(), "tim-relay-silent-"));
  after(() => rmSync(dir, { recursive: true }));
  cpSync(build.dir, dir, { recursive: true });
  writeFileSync(join(dir, main), source);
  return { ...build, dir, main, modules: [{ name: main, type: "esModule" }, ...build.modules] };
}

/** From now on a shard of a gateway with that build is silent, until it starts again. */
export function silence(gateway: Gateway, shard: number, silence: Silence): Promise<void> {
  return gateway.append(shard, { silence });
}
