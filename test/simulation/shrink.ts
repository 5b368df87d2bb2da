/** Makes a run that fails as short as it can be: steps are left out as long as the run still fails. */
import { type Failure, type Run, simulate } from "./simulation.ts";

export interface Shrunk {
  run: Run;
  failure: Failure;
}

export async function shrink(run: Run): Promise<Shrunk> {
  let { failure } = await simulate(run);
  if (failure === null) throw new Error(`the run of seed ${run.seed} does not fail`);
  let { steps } = run;
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = Math.floor(size / 2))
    for (let start = 0; start < steps.length; ) {
      const fewer = steps.toSpliced(start, size);
      const { failure: found } = await simulate({ ...run, steps: fewer });
      if (found === null) start += size;
      else [steps, failure] = [fewer, found];
    }
  return { run: { ...run, steps }, failure };
}
