/** A server as it follows Tencent's page on third-party callbacks: it knows nothing of this gateway. */
import { createHash } from "node:crypto";
import { app } from "./callbacks.ts";
import type { Answer } from "./receiver.ts";

/** The answer that lets an action go on, with these fields beside or in place of its own. */
export const ok = (fields: object = {}) => ({ ActionStatus: "OK", ErrorInfo: "", ErrorCode: 0, ...fields });

/**
 * @param token the console's, by which it checks every request
 * @param decide gives the answer to a genuine callback, by its body
 */
// biome-ignore lint/suspicious/noExplicitAny: the body of any command
export function tencentServer(token: string, decide: (body: any) => object = () => ok()): Answer {
  return (response, { method, url, headers, body }) => {
    const query = new URL(url, "http://localhost").searchParams;
    const refuse = (ErrorInfo: string) => ({ ActionStatus: "FAIL", ErrorInfo, ErrorCode: 1 });
    const answer = () => {
      const time = query.get("RequestTime") ?? "";
      if (method !== "POST" || headers["content-type"] !== "application/json")
        return refuse("not a callback");
      if (query.get("SdkAppid") !== app || query.get("contenttype") !== "json") return refuse("another app");
      if (query.getAll("Sign").join() !== createHash("sha256").update(`${token}${time}`).digest("hex"))
        return refuse("wrong signature");
      if (Math.abs(Date.now() / 1000 - Number(time)) > 60) return refuse("too old");
      const parsed = JSON.parse(body);
      if (parsed.CallbackCommand !== query.get("CallbackCommand")) return refuse("another command");
      return decide(parsed);
    };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer()));
  };
}
