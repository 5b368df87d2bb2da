/** The meaning of each key of a rule and of each operator of a pattern, in Chinese. */
import type { Keys } from "../../rule/keys.ts";
import type { OperatorName } from "../../rule/match/operators.ts";

export const keyMeanings: Readonly<Record<keyof Keys, string>> = {
  name: "1 到 40 个字符，由 `a-z`、`0-9` 和 `-` 组成。转发规则的名称也是其目标的名称。名称相同的规则都会等待。",
  on: "一个命令或命令的列表；`*` 代表任意一串字符。未给出：所有命令。",
  match: "一个事件模式。未给出：所有事件。",
  sample: "符合条件的事件中取这一比例，大于 0，至多为 1，按事件的 ID 选取。未给出：全部。",
  words:
    "消息的某个文本元素含有这些词语之一，比较方式与 `replace` 相同：一个列表，或者 `kv:BINDING/key`。未给出：所有事件。参见[词表](before-callbacks.md#词表)。",
  enabled: "`false` 让事件略过（要留住事件，请暂停目标）。",
  url: "事件发往的地址：`https://…`；设置了 ALLOW_PRIVATE_DESTINATIONS 时也可以是 `http://…`；`service:BINDING/path` 是同一账号的 Worker，`queue:BINDING` 是队列，`r2:BINDING/prefix` 是 R2 中的归档，`listener:` 是[主动连接](listening.md)的程序，`poll:` 是[自行获取事件](polling.md)的接收方。其中的 `$NAME` 代表该名称的密钥，`$$` 代表一个美元符号。",
  ask: "作出裁决的后端，或者后端的列表：地址的写法同 `url`，`https://…`、`service:BINDING/path` 或 `listener:`。",
  answer: "给腾讯云的应答的各个字段，应答立即给出。",
  secret:
    "对每个 POST 签名，每个密钥一次：一个 Standard Webhooks 密钥（`whsec_…`），接收方更换密钥期间可以是多个；最好写作 `$NAME`，它可以包含多个密钥，以逗号分隔。",
  headers: "附加的请求头，可打印的 ASCII 字符。值中的 `$NAME` 代表该名称的密钥，`$$` 代表一个美元符号。",
  timeoutMs: "目标最多可以用多长时间应答一次尝试。",
  retry:
    "失败之后的等待，每次在 ±20 % 之内变化：`200ms`、`5s`、`5m`、`2h`。最后一次之后，事件成为死信。空列表：只尝试一次。",
  order:
    "`conversation`：一个会话的事件，其首次投递逐个发出，按照事件保存的顺序。会话是一个群组、一对账号，或者一个公众号。",
  concurrency:
    "最多同时进行多少个 POST，由各分片分摊，每个分片至少 1 个。开始时为五个；有事件等待且应答又快又好时增加，失败或应答变慢时减少。",
  ratePerSecond: "每秒的 POST 数，由各分片分摊，每个分片至少 1 个。未给出：不限。",
  format: "请求的格式：tim-relay 的信封、腾讯云自己的请求，或者 CloudEvents。",
  callbackToken: "仅与 `format: raw` 一起使用：用此令牌按腾讯云的方式重新对查询参数签名；最好写作 `$NAME`。",
  template:
    "代替 `format` 的包体：任意 JSON，其文本中的 `{{body.From_Account}}` 代表一个 `match` 可以看到的字段。",
  succeeds: "对 2xx 应答的 `status` 和 `body` 的模式：不符合的应答视为失败。未给出：所有 2xx 都是成功。",
  batch:
    "一个 POST 中最多含有 `size` 个事件（100）的数组，装满时或者第一个事件已等待 `ms` 毫秒（1000）时发送。不能与 `raw` 一起使用。R2 中的归档总是成批：10000 个事件，300000 毫秒；其他地方最多 1000 个和 60000 毫秒。",
  deadlineMs: "所有后端合计最多可以用多长时间，最大 1600。",
  otherwise: "后端超时、不可用，或者它的应答不是裁决时的裁决：`allow`、`refuse`，或者应答的各个字段。",
  shadow: "`true`：询问后端并记录其裁决，但从不采用。",
  combine:
    "多个后端的应答如何合成一个裁决：第一个拒绝立即生效，否则必须全部允许。有多个对象时，每个对象保持各自的拒绝。",
  limit:
    "附加条件，符合来得过于频繁的事件：在任意 `seconds` 秒之内，字段 `by` 的同一个值超出 `count` 次的所有事件。",
  replace:
    "要在文本元素中遮盖的词语：一个列表（以 `*` 遮盖）、一个从词语到遮盖文本的对象，或者 `kv:BINDING/key`（以 `*` 遮盖）。",
};

export const operatorMeanings: Readonly<Record<OperatorName, string>> = {
  prefix: '文本以此开头；不区分大小写时用 `{"equals-ignore-case": …}`。',
  suffix: '文本以此结尾；不区分大小写时用 `{"equals-ignore-case": …}`。',
  "equals-ignore-case": "文本与此相同，不区分大小写。",
  wildcard: "文本符合此通配式，其中 `*` 代表任意一串字符，`\\*` 代表星号，`\\\\` 代表反斜杠。",
  "anything-but":
    "字段存在，并且它的值不是这个文本或数字，也不是此列表中的任何一个；或者不符合这里的任何 `prefix`、`suffix`、`equals-ignore-case` 或 `wildcard`（每个都可以是列表）。",
  numeric: '数字满足此比较：`["=", 5]`、`[">", 0]`，或者从下限开始写的范围。',
  exists: "字段在事件中（true），或者不在（false）。null 算作存在；对象或空列表算作不存在。",
  cidr: "文本是此范围内的一个 IPv4 或 IPv6 地址。",
};
