/** The machine of a measurement. */
import { cpus, totalmem } from "node:os";

export function describeMachine(): string {
  const all = cpus();
  const gb = Math.round(totalmem() / 2 ** 30);
  return `${all[0]?.model.trim() ?? "unknown processor"}, ${all.length} cores, ${gb} GB, ${process.platform}, Node ${process.versions.node}`;
}
