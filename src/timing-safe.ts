/**
 * Whether a caller's text is the secret text that is expected. The time that it takes depends on the given text alone,
 * so the time reveals nothing about the expected text.
 */
export function timingSafeEqual(given: string, expected: string): boolean {
  let difference = given.length ^ expected.length;
  for (let index = 0; index < given.length; index++)
    difference |= given.charCodeAt(index) ^ expected.charCodeAt(index % expected.length);
  return difference === 0;
}
