/** Errors of the operating system. */

/** Whether an error comes from the operating system with one of these codes, such as `ENOENT`. */
export function isErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

/** The sentence of an error; of one about a file, its path and the reason. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [, reason] = /^[A-Z]+: (.+?), /.exec(error.message) ?? [];
  return "path" in error && reason !== undefined ? `${error.path}: ${reason}` : error.message;
}
