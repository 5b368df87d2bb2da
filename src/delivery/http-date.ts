/**
 * HTTP dates: the current format, and the two obsolete formats that recipients must still accept. Parsing is strict.
 * https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const day = days.map((name) => name.slice(0, 3)).join("|");
const month = months.join("|");
const time = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`;

const forms = [
  String.raw`(?<day>${day}), (?<date>\d\d) (?<month>${month}) (?<year>\d{4}) ${time} GMT`,
  String.raw`(?<day>${days.join("|")}), (?<date>\d\d)-(?<month>${month})-(?<year>\d\d) ${time} GMT`,
  String.raw`(?<day>${day}) (?<month>${month}) (?<date>\d\d| \d) ${time} (?<year>\d{4})`,
].map((form) => new RegExp(`^${form}$`));

/** Unix milliseconds of a date; null if the text is none, or names a day that does not exist. */
export function parseHttpDate(text: string, now: number): number | null {
  const parts = forms.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined);
  if (!parts) return null;
  const [date, hour, minute, second] = [parts.date, parts.hour, parts.minute, parts.second].map(Number);
  // The grammar has leap seconds; in Unix time 60 is the next minute's 0.
  if (hour! > 23 || minute! > 59 || second! > 60) return null;
  const midnight = new Date(0);
  midnight.setUTCFullYear(yearOf(parts.year!, now), months.indexOf(parts.month!), date);
  if (midnight.getUTCDate() !== date || !days[midnight.getUTCDay()]!.startsWith(parts.day!)) return null;
  return midnight.getTime() + ((hour! * 60 + minute!) * 60 + second!) * 1000;
}

/** The year. Two digits that would be more than 50 years ahead mean the last past year with these digits (RFC 9110). */
function yearOf(digits: string, now: number): number {
  if (digits.length === 4) return Number(digits);
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + Number(digits);
  return year > thisYear + 50 ? year - 100 : year;
}
