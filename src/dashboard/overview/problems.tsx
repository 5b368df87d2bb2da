/** The sentences of `/health`, each with a link to the part of the page that helps. */
import { useContext } from "preact/hooks";
import { HealthShown } from "../frame/health.ts";
import { Answered, Panel } from "../parts/panel.tsx";
import { Lamp } from "../parts/state.tsx";
import { linkTo } from "../route.ts";
import { told } from "../told/told.ts";
import { toneOf } from "../tones.ts";
import { readProblem } from "./problem.ts";
import { text } from "./text.ts";

export function Problems({ destinations }: { destinations: readonly string[] }) {
  const { health, well } = text.value;
  const answer = useContext(HealthShown);
  return (
    <Panel
      title={health}
      aside={answer.value && <span class="soft small">tim-relay {answer.value.version}</span>}
    >
      <Answered answer={answer}>
        {({ status, problems }) =>
          problems.length === 0 ? (
            <p class="body well">
              <Lamp tone="ok" /> {well}
            </p>
          ) : (
            <ul class="body faults" data-tone={toneOf(status)}>
              {problems.map((sentence) => (
                <li key={sentence}>
                  <Sentence sentence={sentence} destinations={destinations} />
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
    </Panel>
  );
}

function Sentence({ sentence, destinations }: { sentence: string; destinations: readonly string[] }) {
  const { head, place } = readProblem(sentence, destinations);
  const said = told.value(sentence);
  // A whole sentence that leads somewhere has other words in another language.
  const name = said.startsWith(head) ? head : said;
  return (
    <span class="wraps">
      {place && <a href={linkTo(place.view, place.item, place.query)}>{name}</a>}
      {place ? said.slice(name.length) : said}
    </span>
  );
}
