/** Failures of requests, in the page's language where the page itself knows the sentence. */
import { ApiError } from "../client/index.js";
import { texts } from "./language.ts";
import { told } from "./told/told.ts";

const text = texts({
  en: {
    unreachable: "The gateway cannot be reached. It may be stopped, or this computer may be offline.",
    timeout: "The gateway has not answered in time.",
  } as Readonly<Record<string, string>>,
  zh: {
    unreachable: "无法连接网关：网关可能已停止，或本机已断网。",
    timeout: "网关没有及时响应。",
  },
});

export function failureOf(error: unknown): ApiError {
  if (!(error instanceof ApiError))
    return new ApiError("failed", error instanceof Error ? error.message : String(error));
  const { code, status, path, cause } = error;
  const own = status === null && Object.hasOwn(text.value, code) ? text.value[code] : undefined;
  return new ApiError(code, own ?? told.value(error.message), { status, path, cause });
}
