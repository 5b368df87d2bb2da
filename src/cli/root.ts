import { join } from "node:path";

/** The project's own folder, independent of the working directory. */
export const root = join(import.meta.dirname, "../..");
