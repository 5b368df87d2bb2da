/** Reads the key `limit`, whose counts need a Durable Object. */

import { say } from "../../sentence.ts";
import { readFieldPath } from "../field-path.ts";
import { got } from "../json.ts";
import { type Limit, limiterBinding, textAt } from "../limit.ts";
import { type Reader, record, wholeNumber } from "./reader.ts";

type By = Pick<Limit, "by" | "textOf">;

const by: Reader<By> = {
  schema: { type: "string", pattern: "^(command|phase|app|clientIp|platform|receivedAt|body([.[].+)?)$" },
  read(value, path) {
    if (typeof value !== "string")
      return path.problem(say`expected the path of a field, such as body.From_Account, ${got(value)}`);
    const read = readFieldPath(value);
    return typeof read === "string"
      ? path.problem(say`is a path ${read}`)
      : { by: value, textOf: textAt(read) };
  },
};

const count = wholeNumber(1, 10_000);
const seconds = wholeNumber(1, 3_600);
const names = ["by", "count", "seconds"];
const fields = record<number | By>(say`a limit`, { by, count, seconds });

export const limit: Reader<Limit> = {
  schema: { ...fields.schema, required: names },
  read(value, path, context) {
    const given = fields.read(value, path, context);
    if (given === undefined) return undefined;
    const missing = names.filter((name) => !Object.hasOwn(given, name));
    for (const name of missing) path.key(name).problem(say`is missing`);
    if (missing.length > 0) return undefined;
    if (context.bindingProblem(limiterBinding, "objects") !== null)
      return path.problem(
        say`needs the binding ${limiterBinding as string} to count, which is not there: take it and [exports.Limiter] over from the wrangler.toml of tim-relay`,
      );
    const { by, count, seconds } = given;
    return { ...(by as By), count: count as number, seconds: seconds as number };
  },
};
