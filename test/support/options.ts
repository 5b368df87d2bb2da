/** The options of a program that runs tests for long: a default for each says its name and its kind. */
import { parseArgs } from "node:util";

type Default = number | string | boolean;
type Widened<Value> = Value extends number ? number : Value extends boolean ? boolean : string;
type Options<Defaults> = { [Name in keyof Defaults]: Widened<Defaults[Name]> };

/**
 * Reads numbers, texts and switches. `--help` prints the help and ends the process; so does an option that is unknown or
 * no number, with exit code 1.
 */
export function readOptions<const Defaults extends Readonly<Record<string, Default>>>(
  help: string,
  defaults: Defaults,
): Options<Defaults> {
  const options = Object.entries(defaults).map(([name, value]) => [
    name,
    typeof value === "boolean"
      ? { type: "boolean", default: value }
      : { type: "string", default: String(value) },
  ]);
  try {
    const { values } = parseArgs({
      options: { ...Object.fromEntries(options), help: { type: "boolean", short: "h" } },
    }) as { values: Record<string, Default | undefined> };
    if (values.help) {
      console.log(help);
      process.exit();
    }
    const read = Object.entries(defaults).map(([name, value]) => [
      name,
      typeof value === "number" ? numberOf(name, String(values[name])) : values[name],
    ]);
    return Object.fromEntries(read);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number))
    throw new Error(`--${name}: expected a number, got ${text}`);
  return number;
}
