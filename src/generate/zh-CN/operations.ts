/** The summary of each operation of the API, in Chinese. */
import type { Operations } from "../../http/operations.ts";

/** The name of an operation that the document of the API lists. */
type Name = {
  [One in keyof Operations]: Operations[One] extends { isOfPage: true } ? never : One;
}[keyof Operations];

export const summaries: Readonly<Record<Name, string>> = {
  getPage: "仪表盘：供人使用的页面。",
  getHealth: "报告是否一切正常，并用一句话说明每个问题。应答至多是一秒之前的。",
  getOpenApi: "描述本 API：OpenAPI 3.1，来自路由和校验所用的同一份定义。",
  getMe: "显示请求的令牌有哪些权限，以及它能否查看包体。",
  getSetup: "显示运维人员会用到的设置：要填入腾讯云控制台的路径和应用，回调是否必须签名，以及事件保留多久。",
  listEvents:
    "列出事件，最新的在前。耗时较长的查询先返回已找到的事件和一个 `cursor`，可以凭它继续。有分片没有响应时应答 503，除非用 `without` 排除该分片。",
  exportEvents:
    '以流的形式导出所有符合条件的事件，最早的在前，每个事件一行 JSON，含包体和投递。最后一行 `{"error": …}` 表示导出不得不中止。',
  getEvent: "显示一个事件：收到的原始包体、查询参数、包体中的错误，以及每个投递和它的各次尝试。",
  replayEvent: "重新发送一个事件。",
  skipEvent:
    "放弃该事件尚未结束的投递：它们成为死信，所在的会话继续投递。正在进行的 POST 会先结束；如果成功，事件即已投递。",
  eraseAccount: "清空所有提及某个账号的已保存事件的包体，并放弃它们的投递。进度见 `GET /api/replays`。",
  tail: "一个 WebSocket，实时显示所有分片上的事件、裁决和尝试。",
  listDestinations:
    "按规则的顺序列出目标，含状态、积压、重试、死信、最近一次成功和最近一次错误。规则有误或已删除的目标，只要还有事件在等待，也会列出。",
  pauseDestination:
    "停止向目标发送；它的事件排队等待。询问规则或应答规则从此不再作出裁决，15 秒内在各处生效。",
  resumeDestination:
    "继续发送，没有任何丢失。它也会重新启用因 410 而停用的目标，并结束 `Retry-After` 要求的等待。",
  testDestination:
    "立即按规则的格式发送一个带签名的 `Relay.Test` 事件，不经过队列，也不受暂停影响。该事件不会保存在任何地方。",
  retryDestination:
    "让它的整个重试列表立即到期，并结束打开的熔断器或 `Retry-After` 要求的等待。目标已暂停时，列表继续等待。",
  forgetDestination: "移除一个已没有规则使用的名称，连同等待它的全部事件。",
  listDestinationMinutes: "按分钟统计目标接收和拒绝了多少，以及成功的首次尝试的延迟。",
  listen:
    "一个 WebSocket，为使用 `listener:` 的规则接收事件；它的应答等同于目标或后端的应答。令牌是该规则自己的 `secret`，或者一个 `ADMIN_TOKEN`。每条规则一个监听程序：新的会取代旧的。",
  pollEvents:
    '返回等待某条 `"url": "poll:"` 规则的最早的事件，立即返回或在 `wait` 秒之内返回。把应答中的 `after` 传给下一次调用，即确认了其中的事件：它们从此视为已投递。在 `timeoutMs` 之内没有确认的事件会再次返回。',
  listDeadLetters:
    "列出已放弃的投递，最新的事件在前。有分片没有响应时应答 503，除非用 `without` 排除该分片。",
  replayDeadLetters: "重新发送死信。",
  startReplay:
    "向一个目标重新发送一段时间内的事件，每秒至多 `perSecond` 个，新事件优先。同时至多运行 20 个重放。使用 `dryRun` 时只统计数量，并应答 200。",
  listReplays: "列出对时间段的重放和清除，最新的在前：包括所有正在运行的，以及各自最近结束的一百个。",
  getReplay: "显示一个重放或清除的进度。",
  cancelReplay: "取消一个重放，并返回它。已经结束的重放保持原样。",
  listRules:
    "按顺序列出每条规则，包括有误的规则：状态、用文字说明的作用、命中的次数，以及它的裁决是如何得出的。",
  getRulesSchema: "`FORWARD_RULES` 的 JSON Schema，编辑器用它来补全键和标出错误。",
  testRules:
    "用一个事件试验规则：哪些规则命中，以及是哪个字段使其他规则没有命中。或者统计每条规则会命中最近保存的多少个事件。",
  diffVerdicts: "统计影子规则与裁决一致的次数，并列出不一致之处。",
  replayVerdicts: "用已保存的前置回调试验一条规则。腾讯云不会得知任何结果。",
  getStats:
    "按分钟统计：接收、拒收、隔离、投递、失败。显示投递、应答和裁决的延迟，以及平台计费所依据的数量。",
  getCost:
    "按 Cloudflare 的标价估算最近 24 小时的费用，未扣除套餐包含的额度。计入请求、行、内存占用时间、普通日志行和存储。不计处理器时间、分片之间的调用和实时查看的消息。",
  listCommands: "列出每个已知的命令，含所处阶段、摘要、JSON Schema 和示例。",
  tryCommand:
    "接收一个命令的示例，如同腾讯云发送的一样：带签名，使用新的时间和 ID，走每个回调都走的流程。仅限本地运行。",
  listDrift: "按命令和路径列出回调与腾讯云文档的差异：未知的字段和命令、意外的取值。",
  getMetrics:
    "向 Prometheus 提供所有计数器、延迟和每个目标的状态。有分片没有响应时省略计数器：总和变小会被误认为是重启。",
};
