/** A line for each destination; on a phone a card. */
import type { Destination } from "../../client/index.js";
import { count } from "../figures.ts";
import { Empty } from "../parts/panel.tsx";
import { Lamp, State } from "../parts/state.tsx";
import { Ago } from "../parts/time.tsx";
import { linkTo } from "../route.ts";
import { told } from "../told/told.ts";
import { toneOf } from "../tones.ts";
import { LagOf } from "./lag-of.tsx";
import { Latency } from "./latency.tsx";
import { standingOf } from "./standing.ts";
import { text } from "./text.ts";

export function DestinationList({ destinations }: { destinations: readonly Destination[] }) {
  const { name, state, lag, latency, delivered, failed, dead, expired, lastSuccess, none } = text.value;
  if (destinations.length === 0) return <Empty>{none}</Empty>;
  // Losses are rare, and the table is wide.
  const hasExpired = destinations.some((destination) => destination.expired > 0);
  return (
    <div class="scrolls">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">{name}</th>
            <th scope="col">{state}</th>
            <th scope="col">{lag}</th>
            <th scope="col">{latency}</th>
            <th scope="col" class="number">
              {delivered}
            </th>
            <th scope="col" class="number">
              {failed}
            </th>
            <th scope="col" class="number">
              {dead}
            </th>
            {hasExpired && (
              <th scope="col" class="number">
                {expired}
              </th>
            )}
            <th scope="col">{lastSuccess}</th>
          </tr>
        </thead>
        <tbody>
          {destinations.map((destination) => (
            <Row key={destination.name} destination={destination} hasExpired={hasExpired} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ destination, hasExpired }: { destination: Destination; hasExpired: boolean }) {
  const { lag, latency, delivered, failed, dead, expired, lastSuccess, never, noRule } = text.value;
  const { name, url, lastError } = destination;
  const standing = standingOf(destination);
  return (
    <tr>
      <th scope="row">
        <Lamp tone={toneOf(standing)} />
        <a href={linkTo("destinations", name)}>{name}</a>
        <span class="url soft small" title={url ?? undefined}>
          {url ?? noRule}
        </span>
        {lastError !== null && (
          <span class="error small" title={told.value(lastError)}>
            {told.value(lastError)}
          </span>
        )}
      </th>
      <td>
        <State state={standing} />
      </td>
      <td data-name={lag}>
        <LagOf destination={destination} />
      </td>
      <td data-name={latency}>
        <Latency latency={destination.latency} />
      </td>
      <td class="number" data-name={delivered}>
        {count(destination.delivered)}
      </td>
      <td class="number" data-name={failed}>
        {count(destination.failed)}
      </td>
      <td class="number" data-name={dead}>
        <Loss value={destination.dead} />
      </td>
      {hasExpired && (
        <td class="number" data-name={expired}>
          <Loss value={destination.expired} />
        </td>
      )}
      <td data-name={lastSuccess}>
        {destination.lastSuccessAt === null ? (
          <span class="soft">{never}</span>
        ) : (
          <Ago at={destination.lastSuccessAt} />
        )}
      </td>
    </tr>
  );
}

function Loss({ value }: { value: number }) {
  return value === 0 ? (
    <span class="soft">0</span>
  ) : (
    <strong class="loss" data-tone="bad">
      {count(value)}
    </strong>
  );
}
