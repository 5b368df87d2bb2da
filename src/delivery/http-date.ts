/**
 * HTTP's dates: the form that is sent today, and the two older ones that recipients must still understand. A text
 * that does not fit one of them to the letter is no date. https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
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

/** The date as Unix milliseconds. Null: the text is none, or names a day that does not exist. */
export function parseHttpDate(text: string, now: number): number | null {
  const parts = forms.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined);
  if (!parts) return null;
  const [date, hour, minute, second] = [parts.date, parts.hour, parts.minute, parts.second].map(Number);
  // The grammar knows leap seconds, which Unix time does not.
  if (hour! > 23 || minute! > 59 || second! > 60) return null;
  const midnight = new Date(0);
  midnight.setUTCFullYear(yearOf(parts.year!, now), months.indexOf(parts.month!), date);
  if (midnight.getUTCDate() !== date || !days[midnight.getUTCDay()]!.startsWith(parts.day!)) return null;
  return midnight.getTime() + ((hour! * 60 + minute!) * 60 + second!) * 1000;
}

/** A year of two digits that seems more than 50 years ahead is the last past year that ends like that. */
function yearOf(digits: string, now: number): number {
  if (digits.length === 4) return Number(digits);
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + Number(digits);
  return year > thisYear + 50 ? year - 100 : year;
}
