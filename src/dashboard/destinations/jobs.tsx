/** Replays and erasures, the newest first, each with its progress. */
import type { ComponentChildren } from "preact";
import type { components, Destination } from "../../client/index.js";
import { type Answer, useAnswer } from "../answer.ts";
import { Answered, Empty, Panel } from "../parts/panel.tsx";
import { JobLine } from "./job-line.tsx";
import { text } from "./text.ts";

type JobList = components["schemas"]["ReplayList"];

/** Milliseconds, while one runs and while none does. */
const whileRunning = 1_000;
const whileIdle = 10_000;

export function useJobs(): Answer<JobList> {
  return useAnswer((relay, signal) => relay.get("/api/replays", { signal }), {
    every: (list) => (list?.replays.some(({ state }) => state === "running") ? whileRunning : whileIdle),
  });
}

interface Props {
  answer: Answer<JobList>;
  /** Null: jobs of all destinations, and erasures. */
  destination: string | null;
  destinations: readonly Destination[];
  aside?: ComponentChildren;
}

export function Jobs({ answer, destination, destinations, aside }: Props) {
  const { jobs, allJobs, noJobs } = text.value;
  return (
    <Panel title={destination === null ? allJobs : jobs} aside={aside}>
      <Answered answer={answer}>
        {({ replays, problems = [] }) => {
          const shown = replays.filter((job) => destination === null || job.destination === destination);
          return (
            <>
              {problems.map((problem) => (
                <p key={problem} class="body error">
                  {problem}
                </p>
              ))}
              {shown.length === 0 ? (
                <Empty>{noJobs}</Empty>
              ) : (
                <ul class="jobs">
                  {shown.map((job) => (
                    <li key={job.id}>
                      <JobLine job={job} destinations={destinations} onChange={answer.again} />
                    </li>
                  ))}
                </ul>
              )}
            </>
          );
        }}
      </Answered>
    </Panel>
  );
}
