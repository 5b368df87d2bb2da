/** Why a callback is refused. */

export const refusalReasons = [
  "repeated",
  "address",
  "app",
  "signature",
  "loop",
  "size",
  "busy",
  "body",
  "command",
  "json",
  "payload",
] as const;

export type RefusalReason = (typeof refusalReasons)[number];

export interface Refused {
  kind: "refused";
  status: 400 | 403 | 413 | 503 | 508;
  reason: RefusalReason;
  sentence: string;
}

export function refused(status: Refused["status"], reason: RefusalReason, sentence: string): Refused {
  return { kind: "refused", status, reason, sentence };
}
