/** The meaning of each setting, in Chinese. */
import type { settings } from "../../settings.ts";

export const settingMeanings: Readonly<Record<keyof typeof settings, string>> = {
  SDK_APP_ID: "本应用的 SDKAppID；多个时以逗号分隔。必填。",
  CALLBACK_TOKEN: "控制台的鉴权 Token；多个时以逗号分隔。未设置时不校验签名。",
  ADMIN_TOKEN:
    "`/api` 和 `/metrics` 的 Bearer 令牌，未设置时它们关闭；多个时以逗号分隔。由 A-Z、a-z、0-9 和 `._~-` 组成。",
  READ_TOKEN:
    "可以读取的 Bearer 令牌：`/api` 的所有 GET，以及 `/metrics`；多个时以逗号分隔。由相同的字符组成。",
  READ_TOKEN_SEES:
    "`READ_TOKEN` 能看到的内容：`metadata`（省略事件的包体、查询参数和文本，以及响应的所有部分）或 `bodies`。",
  CALLBACK_PATH: "接收回调的路径；难以猜测的路径相当于又一个密钥。",
  ALLOW_FROM:
    "可以发送回调的 CIDR，以逗号分隔，与 Cloudflare 报告的地址比较。在 Cloudflare 之外，未设置 `TRUSTED_PROXY` 时不放行任何调用方。",
  TRUSTED_PROXY:
    "本网关前面的反向代理：它的地址或 CIDR，以及它用来报告调用方地址的请求头：`203.0.113.7 x-real-ip`。如果请求头是列表，以最后一项为准。",
  SHARDS: "分担事件的 Durable Object 数量；以后可以增加，不能减少。",
  LOCATION_HINT: "分片创建的位置，例如 `apac-se` 或 `weur`。",
  RETENTION_HOURS: "事件保留的时长，小时。",
  UNKNOWN_COMMANDS: "tim-relay 不认识的命令：`accept`（保存、转发并标记）或 `reject`（应答 400）。",
  INVALID_PAYLOADS:
    "不符合其命令的包体：`quarantine`（应答 400，保存）、`forward`（应答 200，保存并转发）或 `reject`（应答 400）。",
  REDACT:
    '在保存、记录日志或发送之前脱敏的值：`[{"on": "*.CallbackAfterSendMsg", "paths": ["MsgBody.MsgContent.Text"]}]`。',
  LOG_LEVEL:
    "记录哪些日志：`info` 为每个回调和每次尝试记一行，各自每秒最多 20 行，其中 `LOG_SAMPLE` 只保留一部分；`debug` 记录全部，以及 API 的请求；`warn` 记录故障；`error` 记录网关自身的失败。",
  LOG_SAMPLE:
    "记录其回调和投递的事件所占的比例。故障总会记录，不受此值影响。未设置时，`npm start` 和 `npm run serve` 记录每个事件。",
  LOG_FORMAT:
    "`json` 供程序读取，`text` 供人阅读；后者是 `npm run serve` 的默认值。未设置时，`npm start` 打印完整的句子。",
  ALLOW_PRIVATE_DESTINATIONS: "允许 `http://` 和私有地址作为目标：仅用于本地运行和测试。",
};

export const ruleVariablesMeaning = "规则的 JSON 数组，会连接起来；分为多个变量，因为一个变量最多 5 KB。";
