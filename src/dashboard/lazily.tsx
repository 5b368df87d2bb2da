/** A view whose code is loaded when it is first opened. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Failing, Loading } from "./parts/panel.tsx";

export function lazily(load: () => Promise<ComponentType>): ComponentType {
  let loaded: ComponentType | null = null;
  return function Lazily() {
    const [Page, setPage] = useState<ComponentType | null>(() => loaded);
    const [failure, setFailure] = useState<string | null>(null);
    const run = () => {
      setFailure(null);
      load().then(
        (page) => {
          loaded = page;
          setPage(() => page);
        },
        (error: Error) => setFailure(error.message),
      );
    };
    useEffect(run, []);
    if (failure !== null) return <Failing sentence={failure} onAgain={run} />;
    return Page === null ? <Loading /> : <Page />;
  };
}
