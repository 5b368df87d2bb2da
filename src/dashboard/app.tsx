/** The frame around all views, or the sign-in before it. */
import type { ComponentType } from "preact";
import { Events } from "./events/events.tsx";
import { Frame } from "./frame/frame.tsx";
import { Keys } from "./frame/keys.tsx";
import { SignIn } from "./frame/sign-in.tsx";
import { lazily } from "./lazily.tsx";
import { Overview } from "./overview/overview.tsx";
import { Messages } from "./parts/message.tsx";
import { Loading } from "./parts/panel.tsx";
import { place, type View } from "./route.ts";
import { session } from "./session.ts";

/** A view that is seldom opened is loaded when it is. */
const pages: Readonly<Partial<Record<View, ComponentType>>> = {
  overview: Overview,
  events: Events,
  destinations: lazily(() =>
    import("./destinations/destinations.tsx").then(({ Destinations }) => Destinations),
  ),
  rules: lazily(() => import("./rules/rules.tsx").then(({ Rules }) => Rules)),
  verdicts: lazily(() => import("./verdicts/verdicts.tsx").then(({ Verdicts }) => Verdicts)),
  commands: lazily(() => import("./commands/commands.tsx").then(({ Commands }) => Commands)),
  start: lazily(() => import("./start/start.tsx").then(({ Start }) => Start)),
};

export function App() {
  return (
    <>
      <Content />
      <Messages />
    </>
  );
}

function Content() {
  const { state } = session.value;
  if (state === "asking") return <Loading />;
  if (state === "signed out") return <SignIn failure={session.value.failure} />;
  const Page = pages[place.value.view]!;
  return (
    <Frame>
      <Page />
      <Keys />
    </Frame>
  );
}
