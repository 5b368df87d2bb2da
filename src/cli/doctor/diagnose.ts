/** All checks of a gateway. */
import { judge, type Result } from "./check.ts";
import { checks } from "./checks.ts";
import { examine, type Patient } from "./examine.ts";

export async function diagnose(patient: Patient): Promise<Result[]> {
  const seen = await examine(patient);
  const now = Date.now();
  return checks.map((one) => judge(one, seen, now));
}
