import { join } from "node:path";

/** The project's own folder, wherever a program was started. */
export const root = join(import.meta.dirname, "../..");
