/**
 * Event ids: `evt_`, then 10 characters of time, 2 of the shard and 12 random ones, in Crockford's base 32
 * (https://www.crockford.com/base32.html). Ids sort by time. An id names the event's shard and roughly its position, so
 * a look-up is a short seek in one object.
 */

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const idPattern = /^evt_([0-9a-hjkmnp-tv-z]{10})([0-9a-hjkmnp-tv-z]{2})[0-9a-hjkmnp-tv-z]{12}$/;

/**
 * @param at Unix milliseconds
 * @param chance 12 random bytes, of which the lower 5 bits count
 */
export function newEventId(shard: number, at: number, chance: Uint8Array): string {
  let random = "";
  for (let i = 0; i < 12; i++) random += alphabet[chance[i]! & 31];
  return `evt_${encode(at, 10)}${encode(shard, 2)}${random}`;
}

/** The shard and the time (Unix milliseconds) in an id; null if the text is no event id. */
export function readEventId(id: string): { shard: number; at: number } | null {
  const parts = idPattern.exec(id);
  return parts && { at: decode(parts[1]!), shard: decode(parts[2]!) };
}

/** A number from 0 to less than 1 that an event's id decides, evenly spread: by ten of its random characters. */
export function shareOf(id: string): number {
  return decode(id.slice(-10)) / 32 ** 10;
}

function encode(value: number, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32))
    text = alphabet[rest % 32] + text;
  return text;
}

function decode(text: string): number {
  let value = 0;
  for (const character of text) value = value * 32 + alphabet.indexOf(character);
  return value;
}
