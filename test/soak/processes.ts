/** Processes of a soak that answer questions of the program that started them. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A process's answers by the name of the question. Arguments and results are cloned as `structuredClone` does. */
// biome-ignore lint/suspicious/noExplicitAny: each answer has parameters of its own
export type Answers = Readonly<Record<string, (argument: any) => unknown>>;

export interface Part<All extends Answers> {
  ask<Name extends keyof All & string>(
    name: Name,
    argument: Parameters<All[Name]>[0],
  ): Promise<Awaited<ReturnType<All[Name]>>>;
  pid: number;
  end(): Promise<void>;
}

interface Reply {
  id: number;
  result?: unknown;
  error?: string;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Starts a file of this folder, which calls `answer`. */
export function startPart<All extends Answers>(file: string): Part<All> {
  const child = fork(join(import.meta.dirname, file), {
    execArgv: ["--disable-warning=ExperimentalWarning"],
    serialization: "advanced",
  });
  running.add(child);
  const waiting = new Map<number, (reply: Omit<Reply, "id">) => void>();
  child.on("message", ({ id, ...reply }: Reply) => {
    waiting.get(id)?.(reply);
    waiting.delete(id);
  });
  child.once("exit", () => {
    running.delete(child);
    for (const reply of waiting.values()) reply({ error: `${file} has ended` });
  });
  let last = 0;
  return {
    async ask(name, argument) {
      const id = ++last;
      const { promise, resolve } = Promise.withResolvers<Omit<Reply, "id">>();
      waiting.set(id, resolve);
      child.send({ id, name, argument });
      const { result, error } = await promise;
      if (error !== undefined) throw new Error(`${file}, ${name}: ${error}`);
      return result as never;
    },
    pid: child.pid!,
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

/** Answers the questions of the parent until it disconnects. */
export function answer(answers: Answers): void {
  process.on("message", async ({ id, name, argument }: { id: number; name: string; argument: unknown }) => {
    try {
      process.send!({ id, result: await answers[name]!(argument) });
    } catch (error) {
      process.send!({ id, error: error instanceof Error ? error.stack : String(error) });
    }
  });
  process.on("disconnect", () => process.exit());
}

/** Bytes of this process's heap, and the seconds of processor time that it has used. */
export function usage(): { heap: number; cpu: number } {
  const { user, system } = process.cpuUsage();
  return { heap: process.memoryUsage().heapUsed, cpu: (user + system) / 1e6 };
}
