/** The documents of the API, of commands and of rules, as static files beside the page. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./root.ts";

/** The program that writes them reads the sources of the Worker, of which this program knows nothing. */
const writer = "src/generate/documents.ts";

/**
 * Writes the documents into a folder of static files.
 * @throws Error with the output of the writer, where a source has a mistake
 */
export async function writeDocuments(folder: string): Promise<void> {
  const node = ["--disable-warning=ExperimentalWarning", join(root, writer), join(folder, "documents")];
  await promisify(execFile)(process.execPath, node);
}
