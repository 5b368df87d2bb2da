/** The table of `docs/doctor.md`: every check of `tim-relay doctor`. */
import { checks } from "../cli/doctor/checks.ts";
import { table } from "./markdown.ts";

export function doctorTable(): string {
  const rows = checks.map(({ name, looksAt, means, mend }) => [`\`${name}\``, looksAt, means, mend]);
  return table(["Check", "Looks at", "A fault means", "Mend it"], rows);
}
