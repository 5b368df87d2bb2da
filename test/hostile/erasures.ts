/** Accounts that a request has erased: an event that names one may be erased before it is forwarded. */
import { bodyOf, type Draft, targetOf } from "./draft.ts";

/** The account that a request erases, if it is such a request, and its body can be read. */
export function erasedAccount(operation: string, draft: Draft): string | null {
  if (operation !== "eraseAccount") return null;
  try {
    const { account } = JSON.parse(bodyOf(draft).toString());
    return typeof account === "string" && account !== "" ? account : null;
  } catch {
    return null;
  }
}

/** Whether a callback names an account, in its query or anywhere in its body. */
export function names(draft: Draft, account: string): boolean {
  const { searchParams } = new URL(targetOf(draft), "http://localhost");
  const body = bodyOf(draft).toString();
  const inBody = [account, JSON.stringify(account).slice(1, -1)].some((text) => body.includes(text));
  return inBody || [...searchParams.values()].includes(account);
}
