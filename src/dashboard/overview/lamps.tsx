/** Every destination as a lamp, with its lag. */
import type { Destination } from "../../client/index.js";
import { LagOf } from "../destinations/lag-of.tsx";
import { standingOf } from "../destinations/standing.ts";
import { Empty } from "../parts/panel.tsx";
import { Lamp, stateName } from "../parts/state.tsx";
import { linkTo } from "../route.ts";
import { toneOf } from "../tones.ts";
import { text } from "./text.ts";

export function Lamps({ destinations }: { destinations: readonly Destination[] }) {
  if (destinations.length === 0) return <Empty>{text.value.noDestinations}</Empty>;
  return (
    <ul class="lamps">
      {destinations.map((destination) => {
        const standing = standingOf(destination);
        return (
          <li key={destination.name}>
            <a href={linkTo("destinations", destination.name)}>
              <Lamp tone={toneOf(standing)} />
              <span class="name">{destination.name}</span>
              <span class="state" data-tone={toneOf(standing)}>
                {stateName(standing)}
              </span>
              <span class="lag small">
                <LagOf destination={destination} />
              </span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}
