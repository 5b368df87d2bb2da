/** The token of this tab, and the permissions that the gateway grants it. */
import { computed, signal } from "@preact/signals";
import { type ApiError, type Client, connect } from "../client/index.js";
import { parseExact } from "./exact-json.ts";
import { failureOf } from "./failure.ts";

export interface Caller {
  token: "admin" | "read";
  sees: "bodies" | "metadata";
}

export type Session =
  | { state: "signed out"; failure: ApiError | null }
  | { state: "asking" }
  | { state: "signed in"; relay: Client; caller: Caller };

/** The tab's own storage: another tab, and the next visit, ask for the token again. */
const kept = "tim-relay.token";

export const session = signal<Session>({ state: "signed out", failure: null });

/** Whether the token may change something: a page without buttons is shown otherwise. */
export const mayAct = computed(
  () => session.value.state === "signed in" && session.value.caller.token === "admin",
);
export const seesBodies = computed(
  () => session.value.state === "signed in" && session.value.caller.sees === "bodies",
);

/** The gateway, for an action. @throws Error without a session */
export function relay(): Client {
  const current = session.peek();
  if (current.state !== "signed in") throw new Error("there is no session");
  return current.relay;
}

/** Where the gateway is: beside the page. */
const url = location.origin + location.pathname;

/** Asks about a token, and keeps it if the gateway knows it. */
export async function signIn(token: string): Promise<void> {
  session.value = { state: "asking" };
  const gateway = connect({ url, token, parse: parseExact });
  try {
    const caller = await gateway.get("/api/me");
    sessionStorage.setItem(kept, token);
    session.value = { state: "signed in", relay: gateway, caller };
  } catch (error) {
    const failure = failureOf(error);
    if (failure.status === 401) sessionStorage.removeItem(kept);
    session.value = { state: "signed out", failure };
  }
}

/** @param failure the reason, if the gateway no longer accepts the token */
export function signOut(failure: ApiError | null = null): void {
  sessionStorage.removeItem(kept);
  session.value = { state: "signed out", failure };
}

/** Signs in with the token of the address (`#token=…`), or with the tab's. */
export function resume(): void {
  const token = takeGivenToken() ?? sessionStorage.getItem(kept);
  if (token) signIn(token);
  // A link that is opened in the tab of the page loads nothing: it changes the fragment alone.
  addEventListener("hashchange", () => {
    const given = takeGivenToken();
    if (given) signIn(given);
  });
}

/** The token of the address, which is removed there at once: it could be read over a shoulder, or in the history. */
function takeGivenToken(): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given !== null) history.replaceState(null, "", location.pathname + location.search);
  return given;
}
