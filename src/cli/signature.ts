import { hash } from "node:crypto";

/** Tencent's signature of a callback, for programs that send callbacks as Tencent does. */
export function signatureOf(token: string, requestTime: string): string {
  return hash("sha256", token + requestTime);
}
