/** The Worker itself: its size, its cold start, and the time of its own logic. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Bundle } from "../../src/cli/bundle.ts";
import { coldStart } from "./cold-start.ts";
import type { Measured } from "./part.ts";
import { readingMicroseconds } from "./reading.ts";
import { ratiosOf, sampleOf } from "./sample.ts";
import type { Bench } from "./servers.ts";
import { wordMeasures } from "./words.ts";

export async function worker(bench: Bench): Promise<Measured> {
  const { product, bare } = await coldStart(bench);
  const { buildMs, firstBuildMs, megabytes, messageMs } = wordMeasures();
  return {
    numbers: {
      bundleGzipKb: sampleOf([gzipKb(bench.product)]),
      coldStartRatio: ratiosOf(product, bare),
    },
    sentences: [
      `A fresh isolate gives its first answer after ${product.median.toFixed(1)} ms, one of *bare* after ${bare.median.toFixed(1)} ms.`,
      `Checking, parsing and validating a group message takes ${(await readingMicroseconds()).toFixed(0)} µs.`,
      `A list of 10,000 Chinese and English words is built in ${buildMs.toFixed(0)} ms, the first one in ${firstBuildMs.toFixed(0)} ms, ` +
        `and takes ${megabytes.toFixed(1)} MB. To find them in a message of 1 KB takes ${messageMs.toFixed(2)} ms.`,
    ],
    tables: [],
  };
}

/** The size of the uploaded Worker's code, compressed, in KiB as wrangler counts. */
export function gzipKb({ dir, modules }: Bundle): number {
  const code = modules.filter(({ type }) => type !== "text");
  return gzipSync(Buffer.concat(code.map(({ name }) => readFileSync(join(dir, name))))).length / 1024;
}
