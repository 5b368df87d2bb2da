/** The code of a verdict, in a word. */
import { texts } from "../language.ts";
import { Chip } from "./state.tsx";

const text = texts({
  en: { refused: (code: number) => `refused (${code})`, allowed: "allowed" },
  zh: { refused: (code) => `已拒绝（${code}）`, allowed: "已放行" },
});

/** Given to Tencent, or the opinion of a rule on trial. @param props.code null: it came to none */
export function VerdictCode({ code, title }: { code: number | null; title?: string }) {
  const { allowed, refused } = text.value;
  if (code === null) return <span class="soft">–</span>;
  return (
    <Chip tone={code === 0 ? "ok" : "bad"} {...(title !== undefined && { title })}>
      {code === 0 ? allowed : refused(code)}
    </Chip>
  );
}
