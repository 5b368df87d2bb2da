/** A text of a destination, as it was sent. */
import "./quote.css";

export function Quote({ children }: { children: string }) {
  return <pre class="quote wraps">{children}</pre>;
}
