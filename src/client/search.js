/**
 * A query with its question mark; empty without parameters. An undefined or null value is left out.
 * @param {object} query
 */
export function searchOf(query) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null) parameters.set(name, String(value));
  const text = String(parameters);
  return text && `?${text}`;
}
