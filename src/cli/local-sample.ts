/** The text of `.dev.vars` for local runs, from that of `.dev.vars.example`, where a mark hides some lines from others. */
export function localSample(example: string): string {
  return example.replaceAll(/^#local /gm, "");
}
