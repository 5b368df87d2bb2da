/** HTTP as bytes on a connection of its own, for requests that no library sends, or whose answer comes early. */
import { connect } from "node:net";

export interface Heard {
  /** Status line, headers and body, as Latin-1. */
  text: string;
  /** 0 where nothing came. */
  status: number;
  /** From the connection to the first byte of the answer. Milliseconds. */
  ms: number;
}

/**
 * Sends bytes, and resolves as soon as the answer is whole or the other side closes. An error after the answer is
 * none: a caller that is refused while it sends is cut off.
 * @param ends closes its own side behind the last byte; otherwise the connection stays open
 */
export function exchange(
  url: string,
  parts: readonly (string | Uint8Array)[],
  { ends = false } = {},
): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const at = performance.now();
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.setTimeout(60_000, () => socket.destroy(new Error("no answer within 60 s")));
    let text = "";
    let ms = 0;
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      ms ||= performance.now() - at;
      text += chunk;
      const [head = "", body] = text.split("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (body !== undefined && body.length >= length) socket.destroy();
    });
    socket.on("error", (error) => text === "" && reject(error));
    socket.on("close", () => resolve({ text, status: Number(text.split(" ")[1] ?? 0), ms }));
    for (const part of parts) socket.write(part);
    if (ends) socket.end();
  });
}
