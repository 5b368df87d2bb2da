import type { Mutation } from "./mutations.ts";

/** The source of the mutation's file with the mistake in it. Throws unless the code stands there once. */
export function mutated({ name, file, code, instead }: Mutation, source: string): string {
  const parts = source.split(code);
  if (parts.length !== 2) throw new Error(`${name}: ${file} holds the code ${parts.length - 1} times`);
  return parts.join(instead);
}
