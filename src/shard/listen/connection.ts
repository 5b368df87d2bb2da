/** The WebSocket of a listener: how it is accepted. */
import type { Listeners } from "./listeners.ts";

/** The part of the platform's object state that accepts sockets. */
type Accepting = Pick<DurableObjectState, "acceptWebSocket" | "setWebSocketAutoResponse">;

/**
 * Connects a listener. Answers 503 with a sentence if it cannot be connected now.
 * @param request from a Worker that has checked it: its query names the rule
 */
export function connectListener(request: Request, listeners: Listeners, state: Accepting): Response {
  if (listeners.stopped) return new Response("the gateway stops: connect again", { status: 503 });
  const { 0: ours, 1: theirs } = new WebSocketPair();
  state.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  state.acceptWebSocket(ours, ["listener"]);
  listeners.connect(new URL(request.url).searchParams.get("rule")!, ours);
  return new Response(null, { status: 101, webSocket: theirs });
}
