/** The checks of the doctor, in Chinese. */
import type { Check } from "../../cli/doctor/check.ts";
import type { CheckName } from "../../cli/doctor/checks.ts";

export const checkTexts: Readonly<Record<CheckName, Pick<Check, "looksAt" | "means" | "mend">>> = {
  reachable: {
    looksAt: "该 URL 上是否有网关应答",
    means: "腾讯云的回调可能同样无法到达：默认情况下每个回调只发送一次。",
    mend: "检查 URL，以及网关是否在运行：本地为 `npm start` 或 `npm run serve`，Cloudflare 上为 `npm run deploy`。",
  },
  version: {
    looksAt: "网关的版本是否与本程序一致",
    means: "程序和网关所知不同：可能缺少某项检查，或者检查有误。",
    mend: "部署这份代码，或者运行已部署的那份代码中的程序。",
  },
  token: {
    looksAt: "令牌可以打开什么",
    means: "需要 API 的检查没有执行，或者没有全部执行。",
    mend: "用 `--token` 或 TIM_RELAY_TOKEN 给出该网关的 ADMIN_TOKEN；网关上没有时，请在网关上设置。",
  },
  clock: {
    looksAt: "网关的时钟与本机时钟之差",
    means: "时间相差超过 60 秒的回调会被拒绝，即使它是腾讯云签名的。",
    mend: "用 NTP 校准两个时钟。Cloudflare 的时钟是准的：网关运行在那里时，是本机的时钟不准。",
  },
  settings: {
    looksAt: "网关发现的有误的设置",
    means: "有误的设置改用默认值。保护回调的设置有误期间，所有回调都应答 503。",
    mend: "改正指出的设置：变量在 `tim-relay.jsonc` 中，密钥在 `.dev.vars` 中或用 `npx wrangler secret put NAME` 设置。然后重新启动，或者运行 `npm run deploy`。",
  },
  health: {
    looksAt: "`/health` 指出的其他问题",
    means: "网关自己报告有异常。",
    mend: "问题的句子说明了原因，有补救办法时也会给出。错误记录在网关的日志中。",
  },
  shards: {
    looksAt: "其他检查的统计是否包含每个分片",
    means: "等待、失败或差异可能比其他检查显示的更多。",
    mend: "修复 `/health` 指出的分片，然后重新运行 doctor。",
  },
  signature: {
    looksAt: "用我们的 CALLBACK_TOKEN 签名的回调是否被接受",
    means: "腾讯云用此令牌签名的回调会被拒绝，默认情况下不会重发。",
    mend: "让 CALLBACK_TOKEN 在腾讯云控制台、网关和本机三处一致；SDK_APP_ID 和 CALLBACK_PATH 也是如此。",
  },
  forgery: {
    looksAt: "签名错误的回调是否被拒绝",
    means: "任何知道 URL 的人都可以发送回调，网关会当作腾讯云发送的。",
    mend: "在腾讯云控制台开启鉴权，并在网关上把同一个 Token 设置为 CALLBACK_TOKEN。",
  },
  "old token": {
    looksAt: "是否有用旧令牌签名的回调",
    means: "某个发送方没有使用 CALLBACK_TOKEN 的第一个令牌：轮换尚未完成。",
    mend: "在腾讯云控制台设置第一个令牌，直播和通话的回调也要设置。最后一个这样的回调之后两小时，警告消失。",
  },
  rotation: {
    looksAt: "是否接受多个回调令牌",
    means: "旧令牌与新令牌一样可以打开网关。",
    mend: "不再有用旧令牌签名的回调之后，把它从 CALLBACK_TOKEN 中删除。",
  },
  refusals: {
    looksAt: "最近一小时拒绝的回调",
    means: "某个发送方使用了其他令牌或应用，或者它不是腾讯云。腾讯云这样发送的回调会丢失。",
    mend: "与腾讯云控制台核对令牌、SDKAppID 和路径。网关的日志说明每次拒绝的原因。",
  },
  rules: {
    looksAt: "有误的规则",
    means: "有误的规则不起作用。转发规则的事件会等待规则改正，保留期结束时丢弃。",
    mend: "在 `tim-relay.jsonc` 或您存放规则的地方，改正句子所指之处。`npm run rules -- check` 在部署之前检查规则。",
  },
  secrets: {
    looksAt: "规则引用而没有设置的密钥",
    means: "这样的规则有误：它的事件等待。",
    mend: "设置该密钥：本地在 `.dev.vars` 中，部署后用 `npx wrangler secret put NAME`。",
  },
  "idle rules": {
    looksAt: "关闭的规则，以及已暂停的裁决规则",
    means: "事件会略过关闭的规则。已暂停的规则不作裁决：操作照常进行。",
    mend: '设置 `"enabled": true`，或者恢复该规则：`npx tim-relay resume NAME`。',
  },
  commands: {
    looksAt: "针对未知命令的规则",
    means: "可能永远没有回调符合 `on` 中的这一项。",
    mend: "改正名称：`npm run send -- --list` 列出全部名称。比本版本更新的命令保持原样即可，收到之后便不再指出。",
  },
  verdicts: {
    looksAt: "应答不被采用的询问规则和应答规则，以及没有响应的后端",
    means: "告知腾讯云的是 `otherwise` 或默认应答，而不是规则的裁决。",
    mend: "修复后端或应答；每个命令允许的应答见 docs/commands.md。",
  },
  "verdict time": {
    looksAt: "规则作出裁决的用时，与腾讯云等待的 2 秒相比",
    means: "迟到的裁决无效：操作照常进行或被阻止，取决于腾讯云控制台的设置。",
    mend: "加快后端，或者减小 `deadlineMs`，以便及时应答 `otherwise`。",
  },
  otherwise: {
    looksAt: "因后端没有给出裁决而使用 `otherwise` 的裁决所占的比例",
    means: "这么多的操作没有经过后端的判断。",
    mend: "用 `npx tim-relay events --verdict timeout` 等命令列出它们；修复后端，或者增大 `deadlineMs`。",
  },
  destinations: {
    looksAt: "目前不接收事件的目标",
    means: "它们的事件等待，保留期结束时丢弃。在此之前不会丢失。",
    mend: "修复目标；已暂停、已停用或在等待中的目标，在 `npx tim-relay resume NAME` 之后继续。等待监听程序或轮询的目标，在其到来时继续。",
  },
  tests: {
    looksAt: "每个目标是否接收带签名的 `Relay.Test` 事件",
    means: "目标无法访问，或者拒绝网关发送的内容。",
    mend: "状态码说明原因：没有状态码，检查地址、证书或防火墙；401 或 403，检查它的密钥；其他情况，查看它自己的日志。",
  },
  backlog: {
    looksAt: "等待超过一分钟的事件，或者等待再次尝试的事件",
    means: "目标跟不上，或者对它的 POST 失败。",
    mend: "`npx tim-relay destinations` 显示最近一次错误。目标修复之后，`npx tim-relay resume NAME` 或 `npx tim-relay retry NAME` 会立即发送。",
  },
  expiring: {
    looksAt: "正在等待并且已用去一半保留期的事件",
    means: "RETENTION_HOURS 结束时会丢弃它们，目标便收不到了。",
    mend: "在此之前修复或恢复目标，或者增大 RETENTION_HOURS；`npx tim-relay export` 可以保存这些事件。",
  },
  expired: {
    looksAt: "目标收到之前就已丢弃的事件",
    means: "目标收不到它们了。",
    mend: "从别处获取：腾讯云的 REST API 会保存消息若干天。增大 RETENTION_HOURS。",
  },
  "dead letters": {
    looksAt: "已放弃的投递",
    means: "除非有人要求，否则不再发送；它们随其事件一起丢弃。",
    mend: "`npx tim-relay dead-letters` 显示原因，加上 `--replay` 则重新发送。",
  },
  quarantine: {
    looksAt: "包体没有说明发生了什么的事件",
    means: "它们应答了 400，已保存，不会转发：腾讯云更改了某个字段，或者有人伪造回调。",
    mend: "`npx tim-relay events --state quarantined` 显示它们。认识该字段的版本或 `INVALID_PAYLOADS=forward` 会接受它们；`npx tim-relay replay --destination NAME --since 24h --state quarantined` 发送它们。",
  },
  drift: {
    looksAt: "与腾讯云文档不同的回调",
    means: "它们有效，已转发；依赖文档的后端可能没有预料到它们。",
    mend: "查看其中一个事件，以及读取该字段的后端。更新的版本可能认识它。",
  },
};
