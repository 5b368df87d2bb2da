/** Stands for `documented.ts` in the Worker. The bundler leaves out the arguments of a function that does nothing. */
export function documented(): undefined {}
