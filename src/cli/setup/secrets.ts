/** Secrets that a first deployment makes. All are of characters that need no quotes anywhere. */
import { randomBytes } from "node:crypto";

const hex = (bytes: number) => randomBytes(bytes).toString("hex");

/** A token of 128 bits, short enough for the field of Tencent's console. */
export const madeCallbackToken = () => hex(16);

export const madeAdminToken = () => hex(24);

export const madePath = () => `/${hex(12)}`;

/** A secret of Standard Webhooks. */
export const madeSigningSecret = () => `whsec_${randomBytes(32).toString("base64")}`;

/** The name of the secret with which posts to a destination are signed: `AUDIT_SECRET`. */
export function secretNameOf(destination: string): string {
  return `${destination.toUpperCase().replaceAll("-", "_")}_SECRET`.replace(/^(?=\d)/, "_");
}
