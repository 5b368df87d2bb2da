/**
 * Marks what only the reference for people needs. The Worker is built with `undocumented.ts` in this place (see
 * `imports` in package.json): there the marked values are left out of the bundle.
 */
export function documented<Value>(value: Value): Value {
  return value;
}
