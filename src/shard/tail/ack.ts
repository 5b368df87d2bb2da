/** The message of a viewer: `{"ack": frames}`, how many frames it has received since it connected. */

/** Characters of a message, at most. */
const longest = 100;

/** A close code and its reason, 123 bytes at most. https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
export interface Closing {
  code: number;
  reason: string;
}

const unsupported = 1003;
export const againstPolicy = 1008;

const expected = 'expected {"ack": frames}, the number of frames received so far';

export function readAck(message: string | ArrayBuffer): number | Closing {
  if (typeof message !== "string") return { code: unsupported, reason: `${expected}, as text` };
  const wrong = { code: againstPolicy, reason: expected };
  if (message.length > longest) return wrong;
  try {
    const { ack, ...rest } = JSON.parse(message);
    return Number.isSafeInteger(ack) && ack >= 0 && Object.keys(rest).length === 0 ? ack : wrong;
  } catch {
    return wrong;
  }
}
