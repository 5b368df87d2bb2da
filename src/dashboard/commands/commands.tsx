/** The catalogue: every command that Tencent sends, with its fields, an example, and its differences from the documentation. */
import { useSignal } from "@preact/signals";
import { useAnswer } from "../answer.ts";
import { count } from "../figures.ts";
import { Answered, Empty } from "../parts/panel.tsx";
import { Chip } from "../parts/state.tsx";
import { linkTo, place } from "../route.ts";
import { told } from "../told/told.ts";
import type { Command } from "./command.ts";
import { CommandPage } from "./command-page.tsx";
import { text } from "./text.ts";
import "./commands.css";

export function Commands() {
  const sought = useSignal("");
  const { item } = place.value;
  const commands = useAnswer((relay, signal) => relay.get("/api/commands", { signal }));
  const drift = useAnswer((relay, signal) => relay.get("/api/drift", { signal }));
  const differences = drift.value?.drift ?? [];
  const { title, search, none, unknown } = text.value;
  return (
    <div class="view commands">
      <header>
        <h1>{title}</h1>
      </header>
      <Answered answer={commands}>
        {({ commands: all }) => {
          const found = all.filter((command) => fits(command, sought.value));
          const chosen = all.find(({ command }) => command === item);
          return (
            <div class="columns">
              <nav aria-label={title} class={item === null ? "catalogue" : "catalogue has-choice"}>
                <input
                  data-search
                  type="search"
                  aria-label={search}
                  placeholder={search}
                  value={sought}
                  onInput={({ currentTarget }) => {
                    sought.value = currentTarget.value;
                  }}
                />
                {found.length === 0 && <Empty>{none}</Empty>}
                {families(found).map(([family, members]) => (
                  <section key={family}>
                    <h2>{family}</h2>
                    <ul>
                      {members.map((command) => (
                        <li key={command.command}>
                          <Entry
                            command={command}
                            isChosen={command === chosen}
                            differences={differences.filter((one) => one.command === command.command).length}
                          />
                        </li>
                      ))}
                    </ul>
                  </section>
                ))}
              </nav>
              {chosen && (
                <CommandPage
                  key={chosen.command}
                  command={chosen}
                  drift={differences.filter(({ command }) => command === chosen.command)}
                />
              )}
              {item !== null && !chosen && <Empty>{unknown}</Empty>}
            </div>
          );
        }}
      </Answered>
    </div>
  );
}

function Entry({
  command,
  isChosen,
  differences,
}: {
  command: Command;
  isChosen: boolean;
  differences: number;
}) {
  const [, name] = command.command.split(/\.(.*)/);
  return (
    <a href={linkTo("commands", command.command)} aria-current={isChosen || undefined}>
      <span class="name">
        {name ?? command.command}
        {differences > 0 && (
          <>
            {" "}
            <Chip tone="warn" title={text.value.drifts}>
              {count(differences)}
            </Chip>
          </>
        )}
      </span>
      <span class="small soft">{told.value(command.summary)}</span>
    </a>
  );
}

function fits({ command, summary }: Command, sought: string): boolean {
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean);
  const all = `${command} ${summary} ${told.value(summary)}`.toLowerCase();
  return words.every((word) => all.includes(word));
}

function families(commands: readonly Command[]): [string, Command[]][] {
  return [...Map.groupBy(commands, ({ family }) => family)];
}
