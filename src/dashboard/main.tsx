/** The page: one program that shows a gateway and steers it, through the gateway's API alone. */
import { render } from "preact";
import { App } from "./app.tsx";
import { resume } from "./session.ts";
import "./style/tokens.css";
import "./style/base.css";

resume();
render(<App />, document.getElementById("page")!);
