/**
 * Whether a caller's text is the secret text that is expected. The time that it takes depends on the given text alone,
 * so a caller learns nothing about the expected one.
 */
export function timingSafeEqual(given: string, expected: string): boolean {
  let difference = given.length ^ expected.length;
  for (let index = 0; index < given.length; index++)
    difference |= given.charCodeAt(index) ^ expected.charCodeAt(index % expected.length);
  return difference === 0;
}
