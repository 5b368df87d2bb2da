/** A table of events whose verdict would have been another one. */

import type { ComponentChildren } from "preact";
import { Time } from "../parts/time.tsx";
import { VerdictCode } from "../parts/verdict-code.tsx";
import { linkTo } from "../route.ts";
import { text } from "./text.ts";

interface Differing {
  event: string;
  command: string;
  receivedAt: string;
  /** The code that Tencent got. */
  code: number;
}

interface Props<Difference> {
  differences: readonly Difference[];
  /** The headings of the cells that `children` makes for each event. */
  headings: readonly string[];
  children(difference: Difference): ComponentChildren;
}

export function DifferingEvents<Difference extends Differing>({
  differences,
  headings,
  children,
}: Props<Difference>) {
  const { event, time, told } = text.value;
  return (
    <div class="scrolls">
      <table>
        <thead>
          <tr>
            {[event, time, told, ...headings].map((heading) => (
              <th key={heading}>{heading}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {differences.map((difference) => (
            <tr key={difference.event}>
              <td class="wraps named">
                <a href={linkTo("events", difference.event)}>{difference.command}</a>
              </td>
              <td>
                <Time at={difference.receivedAt} />
              </td>
              <td>
                <VerdictCode code={difference.code} />
              </td>
              {children(difference)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
