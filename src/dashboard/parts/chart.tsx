/**
 * A chart of lines over time. The library that draws it is a third of the page's code: it is loaded with the first
 * chart, and the text around that does not wait.
 */
import { lazily } from "../lazily.tsx";
import type { Props } from "./plot.tsx";

const Plot = lazily(() => import("./plot.tsx").then(({ Plot }) => Plot));

export function Chart({ height = 180, ...props }: Omit<Props, "height"> & { height?: number }) {
  return (
    <div style={{ minHeight: `${height}px` }}>
      <Plot height={height} {...props} />
    </div>
  );
}
