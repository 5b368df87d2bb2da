/** `tim-relay export`: all events that fit, a line of JSON each, however many they are. */
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { printable } from "../../callback/text.ts";
import { ApiError, type Client, type ExportQuery } from "../../client/index.js";
import { gatewayCommand } from "../command.ts";
import { counted } from "../counted.ts";
import { filterOptions, queryOf } from "../filters.ts";
import { atGateway } from "../gateway.ts";
import { interruptedCode } from "../interrupt.ts";
import { localTime } from "../moment.ts";
import { wholeNumber } from "../options.ts";
import { onStop } from "../program.ts";
import { remark } from "../screen.ts";
import { StatusLine } from "../status-line.ts";

const help = `
Each line is an event with its body and deliveries, oldest first, as the gateway keeps it. An export that breaks off ends
with exit code 1, and says how to go on; so it does after Ctrl-C, behind a whole line.

Example: npx tim-relay export --command "C2C.*" --since yesterday -o c2c.ndjson`;

const base = gatewayCommand("export", "writes all events that fit as lines of JSON, oldest first")
  .option("-o, --output <file>", "a file instead of the standard output; it is overwritten")
  .option("--limit <n>", "how many events at most, the oldest (all)", wholeNumber);
for (const option of filterOptions("/api/export")) base.addOption(option);

export const exportEvents = base.addHelpText("after", help).action((options) =>
  atGateway(options, async (relay) => {
    const { output, limit } = options;
    const filters = queryOf("/api/export", options, Date.now());
    const query = limit === undefined ? filters : { ...filters, limit };
    const progress = new Progress(output !== undefined || !process.stdout.isTTY);
    const { stopping, insisting, code } = onStop();
    insisting.addEventListener("abort", () => process.exit(interruptedCode));
    const lines = linesOf(relay, query, progress, stopping);
    try {
      // A reader or disk that is slow holds the gateway back.
      await pipeline(lines, output === undefined ? process.stdout : createWriteStream(output), {
        end: output !== undefined,
      });
    } catch (error) {
      progress.clear();
      throw progress.brokenOff(error);
    }
    if (!stopping.aborted) {
      progress.end(output);
      return 0;
    }
    const more = progress.whereToGoOn;
    if (more !== null) remark(more);
    return code() || 1;
  }),
);

/** The lines until the last event, or until a stop: a line that was taken is then written to its end. */
async function* linesOf(
  relay: Client,
  query: ExportQuery,
  progress: Progress,
  stopping: AbortSignal,
): AsyncGenerator<string> {
  const inTerminal = process.stdout.isTTY;
  try {
    for await (const line of relay.exportLines(query, { signal: stopping })) {
      progress.saw(line);
      yield `${inTerminal ? printable(line) : line}\n`;
    }
  } catch (error) {
    if (!stopping.aborted) throw error;
  }
}

/** How often progress is shown, milliseconds. */
const showEveryMs = 200;

class Progress {
  readonly #line: StatusLine | null;
  #count = 0;
  #characters = 0;
  #last = "";
  #shownAt = 0;

  /** @param apart the events are not on the screen themselves */
  constructor(apart: boolean) {
    this.#line = apart && process.stderr.isTTY ? new StatusLine() : null;
  }

  saw(line: string): void {
    this.#count++;
    this.#characters += line.length + 1;
    this.#last = line;
    const now = performance.now();
    if (this.#line === null || now - this.#shownAt < showEveryMs) return;
    this.#shownAt = now;
    const at = receivedAtOf(line);
    this.#line.show(`${this.#soFar}${at === null ? "" : `, up to ${localTime(at)}`}`);
  }

  get #soFar(): string {
    return `${counted(this.#count, "event")}, ${(this.#characters / 1e6).toFixed(1)} MB`;
  }

  clear(): void {
    this.#line?.clear();
  }

  end(output: string | undefined): void {
    if (this.#count === 0) remark(`no event fits${output === undefined ? "" : `: ${output} is empty`}`);
    else if (this.#line || output !== undefined) {
      this.clear();
      remark(`${this.#soFar}${output === undefined ? "" : ` in ${output}`}`);
    }
  }

  /** How an export goes on that did not come to its end; null if it did not begin. */
  get whereToGoOn(): string | null {
    const at = receivedAtOf(this.#last);
    if (at === null) return null;
    return `${counted(this.#count, "event")} exported; the rest: --since ${at}, which repeats the last one`;
  }

  /** The error of an export that did not come to its end. */
  brokenOff(error: unknown): unknown {
    const more = this.whereToGoOn;
    if (!(error instanceof ApiError) || more === null) return error;
    const { code, status, message } = error;
    return new ApiError(code, `${message}; ${more}`, { status, cause: error });
  }
}

/** When the event of a line was received. Within a text of the line, the quotation marks have a backslash. */
function receivedAtOf(line: string): string | null {
  return /"receivedAt":"([^"]+)"/.exec(line)?.[1] ?? null;
}
