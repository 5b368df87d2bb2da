/** The build of the dashboard: `index.html` and the files that it names, as static files. */
import { watch } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type BuildFailure, build, type Metafile, type Plugin, stop } from "esbuild";
import { root } from "./root.ts";

/** The folder that wrangler uploads and serves, as `wrangler.toml` says. */
export const dashboardFolder = join(root, "dist/dashboard");

const source = "src/dashboard";

/** The page uses the client: a change of it is a change of the page. */
const watched = [source, "src/client"];

/** Where the Worker serves the files. */
const servedAt = "/dashboard/";

/** A file that `index.html` names: `src="./main.tsx"`. */
const reference = /(?<=\b(?:src|href)=")\.\/([^"]+)(?=")/g;

/** Browsers of the last two years. */
const browsers = ["chrome131", "firefox133", "safari18.2"];

/** An editor writes a file in several steps, and Git writes many files. Milliseconds. */
const settleMs = 50;

/**
 * Builds the page into a folder, and removes the files of an earlier build from it. The name of a file holds a digest of
 * its content. So programs may build into one folder at the same time.
 * @throws Error with the places of the mistakes in the sources
 */
export async function buildDashboard(folder: string): Promise<void> {
  try {
    await writeAlone(folder);
  } finally {
    // The builder is a process, which would stay as long as ours.
    await stop();
  }
}

/**
 * Builds the page now and after each change of its sources. A mistake in them is told, and the last build stays. Later
 * builds remove no file: wrangler reads the folder meanwhile, and ends where a file goes that it has listed.
 */
export async function followDashboard(folder: string, tell: (mistake: string) => void): Promise<void> {
  let last = Promise.resolve();
  let settling: NodeJS.Timeout | undefined;
  const renew = (build: (folder: string) => Promise<unknown>) => {
    last = last.then(async () => void (await build(folder))).catch((error) => tell(String(error.message)));
  };
  for (const one of watched)
    watch(join(root, one), { recursive: true }, () => {
      clearTimeout(settling);
      settling = setTimeout(renew, settleMs, write);
    });
  renew(writeAlone);
  await last;
}

/** Writes the page, and removes all other files. */
async function writeAlone(folder: string): Promise<void> {
  const names = await write(folder);
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isFile() && !names.includes(entry.name)) await rm(join(folder, entry.name), { force: true });
}

/** Returns the names of the files that the page needs. */
async function write(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const html = await readFile(join(root, source, "index.html"), "utf8");
  const entries = [...html.matchAll(reference)].map(([, name]) => `${source}/${name}`);
  const outputs = await bundled(entries, folder);
  const page = pageWith(html, outputs);
  await writeFile(join(folder, "index.html"), page);
  // The program's styles include the styles of parts that are loaded later.
  const isNeeded = (name: string) =>
    !/\.css(\.map)?$/.test(name) || page.includes(name.replace(/\.map$/, ""));
  return [
    "index.html",
    ...Object.keys(outputs)
      .map((path) => basename(path))
      .filter(isNeeded),
  ];
}

/** The files that a build has written, by their paths. */
type Outputs = Metafile["outputs"];

async function bundled(entryPoints: string[], outdir: string): Promise<Outputs> {
  const names = "[name]-[hash]";
  try {
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints,
      outdir,
      entryNames: names,
      chunkNames: names,
      assetNames: names,
      // JSX is set there.
      tsconfig: "tsconfig.dashboard.json",
      target: browsers,
      loader: { ".svg": "copy" },
      format: "esm",
      bundle: true,
      splitting: true,
      plugins: [oneFirstFile],
      minify: true,
      sourcemap: true,
      // Chinese takes half of what its escapes take.
      charset: "utf8",
      legalComments: "none",
      metafile: true,
      logLevel: "silent",
    });
    return metafile.outputs;
  } catch (error) {
    const { errors } = error as BuildFailure;
    if (!errors) throw error;
    const mistakes = errors.map(({ text, location }) =>
      location ? `${location.file}:${location.line}: ${text}` : text,
    );
    throw new Error(`the dashboard cannot be built: ${mistakes.join("; ")}`);
  }
}

/**
 * The builder writes a file for each set of parts that share modules: a dozen small ones for a page at its start. So each
 * part that is loaded later imports the program too, which is there by then. All that the program needs is one file.
 */
const oneFirstFile: Plugin = {
  name: "one-first-file",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) =>
      kind === "dynamic-import" ? { path: join(resolveDir, path), pluginData: { isLater: true } } : null,
    );
    onLoad({ filter: /\.tsx$/ }, async ({ path, pluginData }) =>
      pluginData?.isLater
        ? {
            contents: `${await readFile(path, "utf8")}\nimport ${JSON.stringify(join(root, source, "app.tsx"))};`,
            loader: "tsx",
          }
        : null,
    );
  },
};

/** The page with the addresses of built files, its styles, and the parts that its script imports at once. */
function pageWith(html: string, outputs: Outputs): string {
  const all = Object.entries(outputs);
  const links: string[] = [];
  const page = html.replace(reference, (_, name) => {
    const [path, output] = all.find(([, { entryPoint }]) => entryPoint === `${source}/${name}`)!;
    if (output.cssBundle) links.push(`<link rel="stylesheet" href="${addressOf(output.cssBundle)}">`);
    for (const { path, kind } of output.imports)
      if (kind === "import-statement") links.push(`<link rel="modulepreload" href="${addressOf(path)}">`);
    return addressOf(path);
  });
  return page.replace(/^( *)<\/head>/m, (end, space) =>
    [...links.map((link) => `${space}${space}${link}`), end].join("\n"),
  );
}

const addressOf = (path: string) => servedAt + basename(path);
