/** Asks for a token of the gateway. */
import { useSignal } from "@preact/signals";
import type { ApiError } from "../../client/index.js";
import { texts } from "../language.ts";
import { signIn } from "../session.ts";
import { Choices } from "./choices.tsx";
import "./sign-in.css";

const text = texts({
  en: {
    title: "Sign in to tim-relay",
    label: "Token",
    hint: "An ADMIN_TOKEN or READ_TOKEN of this gateway. It stays in this tab, and is forgotten with it.",
    enter: "Sign in",
    wrong: "The gateway does not know this token.",
    many: "Too many wrong tokens came from this address. Wait a minute.",
    none: "This gateway has no ADMIN_TOKEN: set one, then sign in.",
    local: "Under npm start it is the ADMIN_TOKEN of .dev.vars.",
  },
  zh: {
    title: "登录 tim-relay",
    label: "令牌",
    hint: "请输入本网关的 ADMIN_TOKEN 或 READ_TOKEN。它只保存在当前标签页中，关闭后即清除。",
    enter: "登录",
    wrong: "令牌有误：不是本网关的令牌。",
    many: "来自此地址的错误令牌过多，请等待一分钟。",
    none: "本网关尚未设置 ADMIN_TOKEN，请先设置再登录。",
    local: "使用 npm start 时，它是 .dev.vars 中的 ADMIN_TOKEN。",
  },
});

export function SignIn({ failure }: { failure: ApiError | null }) {
  const token = useSignal("");
  const { title, label, hint, enter, local } = text.value;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (token.value.trim() !== "") signIn(token.value.trim());
  };
  return (
    <main class="sign-in">
      <form onSubmit={submit}>
        <h1>{title}</h1>
        <label for="token">{label}</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          autofocus
          spellcheck={false}
          value={token}
          aria-describedby="token-hint"
          onInput={({ currentTarget }) => {
            token.value = currentTarget.value;
          }}
        />
        <p id="token-hint" class="soft small">
          {hint} {location.hostname === "localhost" && local}
        </p>
        {failure && (
          <p role="alert" class="refusal" data-tone="bad">
            {sentenceOf(failure)}
          </p>
        )}
        <button type="submit" class="button main">
          {enter}
        </button>
      </form>
      <Choices />
    </main>
  );
}

function sentenceOf({ status, message }: ApiError): string {
  const { wrong, many, none } = text.value;
  if (status === 401) return wrong;
  if (status === 429) return many;
  if (status === 403) return none;
  return message;
}
