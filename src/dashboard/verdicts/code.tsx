/** The code of a verdict, in a word. */
import { Chip } from "../parts/state.tsx";
import { text } from "./text.ts";

/** Given to Tencent, or the opinion of a rule on trial. @param props.code null: it came to none */
export function Code({ code }: { code: number | null }) {
  const { allow, refuse } = text.value;
  if (code === null) return <span class="soft">–</span>;
  return <Chip tone={code === 0 ? "ok" : "bad"}>{code === 0 ? allow : refuse(code)}</Chip>;
}
