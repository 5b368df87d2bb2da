/** One command of the catalogue. */
import { useSignal } from "@preact/signals";
import { exactText } from "../exact-json.ts";
import { count } from "../figures.ts";
import { Button } from "../parts/button.tsx";
import { Copy } from "../parts/copy.tsx";
import { Json } from "../parts/json.tsx";
import { Chip } from "../parts/state.tsx";
import { Ago } from "../parts/time.tsx";
import { linkTo } from "../route.ts";
import { mayAct, relay } from "../session.ts";
import { useSetup } from "../setup.ts";
import { told } from "../told/told.ts";
import type { Command, Drift } from "./command.ts";
import { fieldsOf, type Row } from "./fields.ts";
import { text } from "./text.ts";

export function CommandPage({ command, drift }: { command: Command; drift: readonly Drift[] }) {
  const { before, after, page, example, copy, fields, differences, seen, all } = text.value;
  const { zh, en } = command.documentation;
  return (
    <article class="command" aria-label={command.command}>
      <header>
        <p>
          <a class="small all" href={linkTo("commands")}>
            {all}
          </a>
        </p>
        <h2 class="wraps">{command.command}</h2>
        <p>{told.value(command.summary)}</p>
        <p class="chips">
          <Chip tone="off">{command.phase === "before" ? before : after}</Chip>
          <Chip tone="off">{command.family}</Chip>
        </p>
        <p class="links">
          {zh && (
            <a href={zh} target="_blank" rel="noreferrer">
              {page.zh}
            </a>
          )}
          {en && (
            <a href={en} target="_blank" rel="noreferrer">
              {page.en}
            </a>
          )}
          <a href={linkTo("events", null, { filter: `command:${command.command}` })}>{seen}</a>
        </p>
        <Try command={command.command} />
      </header>
      {drift.length > 0 && (
        <section>
          <h3>{differences}</h3>
          <Differences drift={drift} />
        </section>
      )}
      <section>
        <h3>{example}</h3>
        <p class="actions">
          <Copy content={() => exactText(command.example)}>{copy}</Copy>
        </p>
        <Json value={command.example} />
      </section>
      <section>
        <h3>{fields}</h3>
        <Fields rows={fieldsOf(command.schema)} />
      </section>
    </article>
  );
}

/** Sends the example through the gateway, where nothing real can be disturbed by it. */
function Try({ command }: { command: string }) {
  const setup = useSetup();
  const event = useSignal<string | null>(null);
  const { send, sent, answered } = text.value;
  const answer = useSignal<string | null>(null);
  if (!mayAct.value || !setup.value?.local) return null;
  const run = async () => {
    const tried = await relay().post("/api/commands/{command}/try", { path: { command } });
    event.value = tried.id;
    answer.value = answered(tried.status, exactText(tried.answer));
  };
  return (
    <div class="try">
      <Button kind="main" icon="play" onPress={run}>
        {send}
      </Button>
      {answer.value !== null && (
        <p class="small wraps" role="status">
          {answer.value} {event.value !== null && <a href={linkTo("events", event.value)}>{sent}</a>}
        </p>
      )}
    </div>
  );
}

function Differences({ drift }: { drift: readonly Drift[] }) {
  const { path, difference, value, times, last, kinds } = text.value;
  return (
    <div class="scrolls">
      <table>
        <thead>
          <tr>
            <th>{path}</th>
            <th>{difference}</th>
            <th>{value}</th>
            <th class="number">{times}</th>
            <th>{last}</th>
          </tr>
        </thead>
        <tbody>
          {drift.map(({ path, kind, seen, count: n, lastAt }) => (
            <tr key={`${path} ${kind} ${seen}`}>
              <td class="code wraps">{path}</td>
              <td>{kinds[kind]}</td>
              <td class="code wraps">{seen}</td>
              <td class="number">{count(n)}</td>
              <td>
                <Ago at={lastAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Fields({ rows }: { rows: readonly Row[] }) {
  const { path, type, meaning, required } = text.value;
  return (
    <div class="scrolls">
      <table>
        <thead>
          <tr>
            <th>{path}</th>
            <th>{type}</th>
            <th>{meaning}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.path}>
              <td class="code wraps">
                {row.path} {row.required && <Chip tone="off">{required}</Chip>}
              </td>
              <td class="code">{row.types.join(" | ")}</td>
              <td>
                {row.description}
                {row.examples.length > 0 && (
                  <span class="soft small wraps">
                    {" "}
                    {row.examples.map((one) => JSON.stringify(one)).join(", ")}
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
