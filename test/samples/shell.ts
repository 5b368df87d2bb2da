/** Commands in a text of a shell, as far as documents use it: quotes, pipes, comments, substitution, functions. */
export interface Command {
  /** Counts from the first line of the text, which is 0. */
  line: number;
  /** With their quotes taken away. Assignments, `sudo` and `sudo -u NAME` before the command are left out. */
  words: readonly string[];
  /** The command as it stands there. */
  text: string;
  /** The variables that are set before it: `A=1 npm start`. */
  assigned: readonly string[];
}

/** Words that begin or end a group of commands. */
const reserved = ["{", "}", "!", "if", "then", "else", "fi", "for", "do", "done", "while"];

const token =
  /(?<continued>\\\n)|(?<line>\n)|(?<blank>[ \t]+)|(?<comment>(?<=^|\s)#[^\n]*)|(?<end>&&|\|\||[;|&])|(?<word>(?:"(?:\\.|[^"\\])*"|'[^']*'|\$\((?:[^()]|\([^()]*\))*\)|<[\w -]+>|\\.|[^\s;|&"'\\])+)/gy;

export function commandsOf(text: string): Command[] {
  const commands: Command[] = [];
  let words: { text: string; at: number }[] = [];
  const finish = (end: number) => {
    const first = words[0];
    if (first) commands.push(...read(text, first.at, end, words));
    words = [];
  };
  let at = 0;
  for (const { 0: found, groups } of text.matchAll(token)) {
    const { word, line, end } = groups!;
    if (word !== undefined) words.push({ text: word, at });
    else if (line !== undefined || end !== undefined) finish(at);
    at += found.length;
  }
  if (at < text.length)
    throw new Error(`cannot be read as commands of a shell from here on: ${text.slice(at)}`);
  finish(text.length);
  return commands;
}

function read(text: string, from: number, end: number, found: { text: string; at: number }[]): Command[] {
  const words = found
    .map((word) => word.text)
    .filter((word) => !reserved.includes(word) && !/^\w+\(\)$/.test(word));
  const line = text.slice(0, from).split("\n").length - 1;
  const inner = words.flatMap((word) =>
    [...word.matchAll(/(?<!')\$\(((?:[^()]|\([^()]*\))*)\)/g)].flatMap(([, command]) =>
      commandsOf(command!).map((one) => ({ ...one, line: line + one.line })),
    ),
  );
  const assigned: string[] = [];
  while (words[0] === "sudo" || /^\w+=/.test(words[0] ?? "")) {
    const word = words.shift()!;
    if (word !== "sudo") assigned.push(word.split("=")[0]!);
    else if (words[0] === "-u") words.splice(0, 2);
  }
  const command = {
    line,
    words: words.filter((word, index) => !isRedirection(word) && words[index - 1] !== ">").map(unquoted),
    text: text
      .slice(from, end)
      .replaceAll(/\s*\\\n\s*/g, " ")
      .trim(),
    assigned,
  };
  return words.length > 0 || assigned.length > 0 ? [command, ...inner] : inner;
}

function isRedirection(word: string): boolean {
  return /^\d?[<>]+(&\d)?$|^\d?>\S/.test(word);
}

function unquoted(word: string): string {
  return word.replaceAll(
    /"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/g,
    (_, double?: string, single?: string, escaped?: string) =>
      double?.replaceAll(/\\([\\"$`])/g, "$1") ?? single ?? escaped!,
  );
}
