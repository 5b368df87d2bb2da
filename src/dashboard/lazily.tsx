/** A view or a part whose code is loaded when it is first opened. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Failing, Loading } from "./parts/panel.tsx";

export function lazily<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return function Lazily(props: Props) {
    const [Page, setPage] = useState<ComponentType<Props> | null>(() => loaded);
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
    return Page === null ? <Loading /> : <Page {...props} />;
  };
}
