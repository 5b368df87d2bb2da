/** The example receiver at the address where the rules of a local run send: started, moved and ended as they change. */
import type { Config } from "../config.ts";
import { isErrno } from "./errno.ts";
import { type Expected, Receiver } from "./receiver.ts";
import type { Behaviour } from "./receiver-behaviour.ts";

/** An address on this machine that a rule sends to. */
interface Target {
  rule: string;
  url: URL;
  asks: boolean;
  secrets: readonly string[];
}

export class LocalReceiver {
  readonly #print: (line: string) => void;
  #running: Receiver | null = null;
  /** The address of the rule that it serves; null: no receiver runs. */
  url: URL | null = null;

  /** @param print gets a line for each event, and for each thing that the user must know */
  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** Serves the first port of this machine that a rule sends to. Another program on that port keeps it. */
  async follow(config: Config): Promise<void> {
    const targets = localTargets(config);
    const [first] = targets;
    const port = first ? portOf(first.url) : null;
    if (this.#running && this.#running.port !== port) {
      await this.#running.close();
      this.#running = null;
    }
    this.url = first?.url ?? null;
    if (!first || port === null) return;
    const expected = expectedAt(port, targets);
    if (this.#running) this.#running.expected = expected;
    else this.#running = await this.#start(port, expected, first.rule);
    if (!this.#running) this.url = null;
  }

  /** Changes how it answers. Without a receiver there is nothing to change. */
  behave(behaviour: Behaviour): void {
    if (this.#running) this.#running.behave(behaviour);
    else this.#print("no example receiver runs here");
  }

  async #start(port: number, expected: Expected, rule: string): Promise<Receiver | null> {
    try {
      return await Receiver.start({ port, expected, print: this.#print });
    } catch (error) {
      if (!isErrno(error, "EADDRINUSE", "EACCES")) throw error;
      this.#print(
        `port ${port} is in use by another program: that one gets the events of rule "${rule}", and no example receiver is started`,
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

function expectedAt(port: number, targets: readonly Target[]): Expected {
  const there = targets.filter(({ url }) => portOf(url) === port);
  return {
    secrets: [...new Set(there.flatMap(({ secrets }) => secrets))],
    askPaths: there.filter(({ asks }) => asks).map(({ url }) => url.pathname),
  };
}

function portOf(url: URL): number {
  return Number(url.port || 80);
}
