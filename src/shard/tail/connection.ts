/** The WebSocket of a viewer: how it is accepted, and closed. */
import { log } from "../../log.ts";
import { mostViewers, type Tail } from "./tail.ts";
import type { TailQuery } from "./viewer.ts";

/** The part of the platform's object state that accepts sockets. */
type Accepting = Pick<DurableObjectState, "acceptWebSocket" | "setWebSocketAutoResponse">;

/**
 * Connects a viewer. Answers 503 with a sentence if it cannot be connected now.
 * @param request from a Worker that has checked it: its query is a `TailQuery` as JSON
 */
export async function connect(request: Request, tail: Tail, state: Accepting): Promise<Response> {
  if (tail.full) return new Response(`${mostViewers} viewers are connected already`, { status: 503 });
  const query: TailQuery = JSON.parse(new URL(request.url).searchParams.get("query")!);
  const { 0: ours, 1: theirs } = new WebSocketPair();
  try {
    await tail.connect(query, () => {
      state.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
      state.acceptWebSocket(ours, ["viewer"]);
      return ours;
    });
  } catch (error) {
    log.error("tail", { error: String(error) });
    return new Response("a shard does not answer, see the log", { status: 503 });
  }
  return new Response(null, { status: 101, webSocket: theirs });
}

/** Answers the close frame of a viewer. */
export function closeBack(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    // It was closed without a code, or is lost.
    socket.close();
  }
}
