/** The values of bodies that the setting `REDACT` masks before an event is kept, logged or sent. */
import { catalogue } from "../callback/catalogue.ts";
import { isMasked, type Masks, masksOf } from "../callback/mask.ts";
import { fitting } from "./on.ts";
import type { Rule } from "./rule.ts";

/** An entry of the setting: its commands, and the paths in their bodies, steps joined by dots. */
export interface MaskedPaths {
  fits(command: string): boolean;
  paths: readonly string[];
}

export class Redaction {
  readonly #entries: readonly MaskedPaths[];
  readonly #masks = new Map<string, Masks | null>();

  constructor(entries: readonly MaskedPaths[]) {
    this.#entries = entries;
  }

  /** The masks of a command's body; null if nothing of it is masked. */
  masksOf(command: string): Masks | null {
    let masks = this.#masks.get(command);
    if (masks === undefined) {
      const paths = this.#entries.filter(({ fits }) => fits(command)).flatMap(({ paths }) => paths);
      masks = paths.length === 0 ? null : masksOf(paths);
      // A caller may name any unknown command.
      if (catalogue.has(command)) this.#masks.set(command, masks);
    }
    return masks;
  }

  /**
   * The fields that a forward rule looks at and that are masked: it sees the masked copy.
   * @returns paths from the event on: `body.MsgBody.MsgContent.Text`
   */
  maskedFields({ kind, on, match, words }: Rule): string[] {
    const fields = [...(match?.fields ?? []), ...(words === null ? [] : [textField])];
    if (kind !== "forward" || fields.length === 0) return [];
    const commands = on === null ? catalogue.keys() : catalogue.keys().filter(fitting(on));
    const masks = commands.map((command) => this.masksOf(command)).filter((one) => one !== null);
    return fields.filter((field) => {
      const path = field.startsWith("body.") ? field.slice("body.".length) : null;
      return path !== null && masks.some((one) => isMasked(one, path));
    });
  }
}

/** The field that `words` looks at. */
const textField = "body.MsgBody.MsgContent.Text";
