/** The samples of the documents that other programs read: the shell, the compiler, wrangler. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { compilerProblems } from "./code.ts";
import { pages, placed } from "./pages.ts";
import { commandsIn, needsCompiler } from "./samples.ts";
import { configurationProblems, deployArguments, wranglerProblem } from "./wrangler.ts";

const blocks = pages.flatMap((page) => page.blocks);

test("a shell can read every block of it", () => {
  const problems = blocks
    .filter(({ language }) => language === "sh")
    .flatMap((block) => {
      const { stderr } = spawnSync("bash", ["-n"], { input: block.text, encoding: "utf8" });
      return stderr === "" ? [] : [placed(block, stderr)];
    });
  assert.deepEqual(problems, []);
});

test("the installed wrangler has each command of it, with these options", () => {
  const problems = pages.flatMap((page) =>
    commandsIn(page).flatMap(({ command, ...place }) => {
      const args = command.words.slice(command.words[0] === "npx" ? 1 : 0);
      const problem =
        args[0] === "wrangler"
          ? wranglerProblem(args.slice(1))
          : args.slice(0, 3).join(" ") === "npm run deploy"
            ? wranglerProblem(["deploy", ...args.slice(4)], deployArguments)
            : null;
      return problem === null ? [] : [placed(place, `${command.text}: ${problem}`)];
    }),
  );
  assert.deepEqual(problems, []);
});

test("the installed wrangler takes each part of its configuration, without a warning", () => {
  const problems = blocks
    .filter(({ language }) => language === "toml")
    .flatMap((block) => configurationProblems(block.text).map((problem) => placed(block, problem)));
  assert.deepEqual(problems, []);
});

test("programs that no test runs compile", () => {
  assert.deepEqual(compilerProblems(blocks.filter(needsCompiler)), []);
});

test("mistakes for wrangler are found", () => {
  const wrong = (line: string) => wranglerProblem(line.split(" "));
  assert.match(wrong("secret putt NAME")!, /secret putt is no command of wrangler/);
  assert.match(wrong("secret put NAME --worker tim-relay")!, /no option --worker here/);
  assert.match(wrong("secret put NAME tim-relay")!, /tim-relay is one argument too many/);
  assert.equal(wrong("secret put NAME --name tim-relay"), null);
  assert.match(configurationProblems('[[services]]\nbinding = "REPORTS"\n')[0]!, /service/);
  assert.match(configurationProblems("workers_dv = true\n")[0]!, /workers_dv/);
  assert.match(configurationProblems("[[services]\n")[0]!, /./);
});

test("a mistake in a program is found, with the line of the page", () => {
  const [wrong] = compilerProblems([
    {
      page: "docs/page.md",
      line: 7,
      info: "ts",
      language: "ts",
      generated: false,
      text: 'import { connect } from "tim-relay/client";\n\nconnect({ adress: "" });\n',
    },
  ]);
  assert.match(wrong!, /^docs\/page.md:10: error TS\d+: .*adress/);
});
