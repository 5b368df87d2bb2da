/** The fields of a command as rows of a table, from its JSON Schema. */

export interface Row {
  /** `GroupAtInfo[].GroupAt_Account` */
  path: string;
  /** `text`, `number or text`, `list` … by their names in JSON Schema. */
  types: readonly string[];
  required: boolean;
  description: string;
  examples: readonly unknown[];
}

interface Schema {
  type?: string | readonly string[];
  description?: string;
  examples?: readonly unknown[];
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  items?: Schema;
  anyOf?: readonly Schema[];
  $ref?: string;
  $defs?: Readonly<Record<string, Schema>>;
}

/** Merged forwards hold messages that hold merged forwards: a definition is shown once on the way down. */
export function fieldsOf(schema: object): Row[] {
  const root = schema as Schema;
  const rows: Row[] = [];
  const add = (part: Schema, path: string, seen: readonly string[]) => {
    for (const [name, given] of Object.entries(part.properties ?? {})) {
      const field = resolved(root, given);
      const at = path === "" ? name : `${path}.${name}`;
      rows.push({
        path: at,
        types: typesOf(field),
        required: part.required?.includes(name) ?? false,
        description: given.description ?? field.description ?? "",
        examples: field.examples ?? [],
      });
      follow(given, at, seen);
    }
  };
  const follow = (given: Schema, path: string, seen: readonly string[]) => {
    if (given.$ref && seen.includes(given.$ref)) return;
    const next = given.$ref ? [...seen, given.$ref] : seen;
    const field = resolved(root, given);
    for (const each of [field, ...(field.anyOf ?? [])]) {
      add(each, path, next);
      if (each.items) follow(each.items, `${path}[]`, next);
    }
  };
  add(root, "", []);
  return rows;
}

function resolved(root: Schema, schema: Schema): Schema {
  const name = schema.$ref?.replace("#/$defs/", "");
  return (name !== undefined && root.$defs?.[name]) || schema;
}

function typesOf({ type, anyOf = [] }: Schema): string[] {
  return [...new Set([...[type ?? []].flat(), ...anyOf.flatMap(typesOf)])];
}
