/** Diagrams of Mermaid. Its own parser needs a browser: this looks for slips of the pen. */

/** The form of a line, by the kind of the diagram. */
const forms: Readonly<Record<string, RegExp>> = {
  flowchart:
    /^(subgraph .+|end|direction (TB|LR)|style \w+ .+|[\w]+([[({].*[\])}])?( (-->|---|-\.->|==>|-- .+ -->|-\. .+ \.->|== .+ ==>) \w+([[({].*[\])}])?)*)$/,
  stateDiagram: /^(direction (TB|LR)|(\w+|\[\*\]) --> (\w+|\[\*\])(: .+)?|state .+|note .+|end note)$/,
  sequenceDiagram:
    /^((participant|actor) .+|\w+ ?(->>|-->>|->|-->|-x|--x) ?\w+: .+|(Note|note) .+: .+|(loop|alt|else|opt|par|and|rect) ?.*|end|autonumber)$/,
};

const pairs = [
  ["[", "]"],
  ["(", ")"],
  ["{", "}"],
] as const;

export function mermaidProblems(text: string): string[] {
  const [first = "", ...lines] = text.trimEnd().split("\n");
  const kind = /^(flowchart (?:TB|TD|LR|RL|BT)|stateDiagram-v2|sequenceDiagram)$/
    .exec(first)?.[1]
    ?.split(/[ -]/)[0];
  if (kind === undefined)
    return [`expected a flowchart, a stateDiagram-v2 or a sequenceDiagram, got ${first}`];
  return lines
    .map((line) => line.trim())
    .filter(Boolean)
    .flatMap((line) => {
      const drawn = line.replaceAll(/"[^"]*"/g, '""');
      if (drawn.replaceAll('""', "").includes('"')) return [`a quotation mark is missing: ${line}`];
      const odd =
        kind === "flowchart" &&
        pairs.find(([open, close]) => drawn.split(open).length !== drawn.split(close).length);
      if (odd) return [`${odd[0]} and ${odd[1]} are no pairs: ${line}`];
      return forms[kind]!.test(line) ? [] : [`is no line of a ${kind}: ${line}`];
    });
}
