/** The text elements of a message, wherever they stand: also within merged forwards, at any depth. */

/** The content of a text element. */
export interface TextContent {
  Text: string;
}

/** Every text element below a value, in no certain order. A value may be nested deeper than the stack. */
export function* textElements(message: unknown): Generator<TextContent> {
  const left: unknown[] = [message];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value !== "object" || value === null) continue;
    for (const one of Object.values(value)) left.push(one);
    const { MsgType, MsgContent } = value as { MsgType?: unknown; MsgContent?: { Text?: unknown } | null };
    if (MsgType === "TIMTextElem" && typeof MsgContent?.Text === "string") yield MsgContent as TextContent;
  }
}
