/** The page of the dashboard. */
import { render } from "preact";
import "./style.css";

render(
  <main>
    <h1>tim-relay</h1>
  </main>,
  document.body,
);
