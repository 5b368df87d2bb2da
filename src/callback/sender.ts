/** The account behind an event: the one that sent the message, or acted. */
import { nameOf } from "./conversation.ts";
import { type Body, parseBody } from "./json.ts";

/** The fields that name it, the likeliest first: a recalled message has both a sender and an operator. */
const fields = [
  "From_Account",
  "Operator_Account",
  "Requester_Account",
  "Requestor_Account",
  "Report_Account",
  "Official_Account",
];

/** Null if the body names none. @param text a JSON object */
export function senderOf(text: string): string | null {
  const body = parseBody(text) as Body;
  for (const field of fields) {
    const name = nameOf(body[field]);
    if (name !== null) return name;
  }
  return null;
}
