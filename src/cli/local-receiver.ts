/** The example receiver at the address where the rules of a local run send: started, moved and ended as they change. */
import type { Config } from "../config.ts";
import { isErrno } from "./errno.ts";
import { type Expected, Receiver } from "./receiver.ts";
import type { Behaviour } from "./receiver-behaviour.ts";

export interface Served {
  url: URL;
  /** Whether a rule asks there for verdicts. */
  asks: boolean;
}

/** An address on this machine that a rule sends to. */
interface Target extends Served {
  rule: string;
  secrets: readonly string[];
}

export class LocalReceiver {
  readonly #print: (line: string) => void;
  #running: Receiver | null = null;
  /** The first rule's address that it serves; null: no receiver runs. */
  served: Served | null = null;

  /** @param print gets a line for each event, and for each thing that the user must know */
  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /**
   * Serves the first port of this machine that a rule sends to. Another program on a port keeps it. While a rule sends
   * to the receiver that runs, it stays there: the changed address of another rule is for a program of the user.
   */
  async follow(config: Config): Promise<void> {
    const targets = localTargets(config);
    const at = (port: number) => targets.filter(({ url }) => portOf(url) === port);
    if (this.#running && at(this.#running.port).length === 0) {
      await this.#running.close();
      this.#running = null;
    }
    for (const port of new Set(targets.map(({ url }) => portOf(url))))
      this.#running ??= await this.#start(port, at(port));
    const served = this.#running ? at(this.#running.port) : [];
    if (this.#running) this.#running.expected = expectedOf(served);
    this.served = served[0] ?? null;
  }

  /** Changes how it answers. Without a receiver there is nothing to change. */
  behave(behaviour: Behaviour): void {
    if (this.#running) this.#running.behave(behaviour);
    else this.#print("no example receiver runs here");
  }

  async #start(port: number, targets: readonly Target[]): Promise<Receiver | null> {
    try {
      return await Receiver.start({ port, expected: expectedOf(targets), print: this.#print });
    } catch (error) {
      if (!isErrno(error, "EADDRINUSE", "EACCES")) throw error;
      this.#print(
        `port ${port} is in use by another program: that one gets the events of rule "${targets[0]?.rule}"`,
      );
      return null;
    }
  }
}

function localTargets({ rules: { rules } }: Config): Target[] {
  return rules
    .filter(({ enabled }) => enabled)
    .flatMap((rule): Target[] => {
      if (rule.kind === "answer") return [];
      const { name, secrets } = rule;
      const addresses = rule.kind === "forward" ? [rule.address] : rule.asks;
      return addresses
        .filter(({ kind }) => kind === "https")
        .map(({ url }) => ({ rule: name, url: new URL(url), asks: rule.kind === "ask", secrets }));
    })
    .filter(({ url }) => url.protocol === "http:" && ["localhost", "127.0.0.1"].includes(url.hostname))
    .sort((a, b) => Number(a.asks) - Number(b.asks));
}

function expectedOf(targets: readonly Target[]): Expected {
  return {
    secrets: [...new Set(targets.flatMap(({ secrets }) => secrets))],
    askPaths: targets.filter(({ asks }) => asks).map(({ url }) => url.pathname),
  };
}

function portOf(url: URL): number {
  return Number(url.port || 80);
}
