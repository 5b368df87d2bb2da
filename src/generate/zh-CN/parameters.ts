/**
 * The parameters of the API and the keys of its bodies, in Chinese. Operations share them, so the English sentence is
 * the key: a sentence that changes needs its Chinese anew.
 */
export const parameters: Readonly<Record<string, string>> = {
  "A command; `*` stands for any run of characters.": "命令；`*` 代表任意一串字符",
  "A conversation: `group:@TGS#1`, or without its kind: `@TGS#1`.":
    "会话：`group:@TGS#1`，或者不带类型：`@TGS#1`",
  "An account that the body names in any field ending in `_Account`.":
    "包体在任一以 `_Account` 结尾的字段中提及的账号",
  "The key or sequence number of a message: all events about that message.":
    "消息的 key 或序列号：有关该消息的所有事件",
  "A text that the body contains. Takes a token that sees bodies.": "包体包含的文本。需要可以查看包体的令牌",
  "The state of the event.": "事件的状态",
  "The verdict on a before-callback: the answer to Tencent, or how it came about.":
    "对前置回调的裁决：给腾讯云的应答，或者它是如何得出的",
  "The `ErrorCode` of the verdict.": "裁决的 `ErrorCode`",
  "The beginning of a period, inclusive: a time, or `2h` before now.":
    "时间段的开始，包含在内：一个时间，或者 `2h`，即两小时之前",
  "The end of a period, exclusive: a time, or `2h` before now.":
    "时间段的结束，不包含在内：一个时间，或者 `2h`，即两小时之前",
  "Shards to leave out, by number: the others can be seen while these do not answer.":
    "要排除的分片的编号：它们没有响应时，仍可以查看其他分片",
  "How many items at most.": "最多返回多少项",
  "The `cursor` of the page before.": "上一页的 `cursor`",
  "How many events at most, the oldest. Absent: all.": "最多多少个事件，取最早的。未给出：全部",
  "Names of destinations. Absent: all whose rule matches the event.":
    "目标的名称。未给出：规则匹配该事件的所有目标",
  "Names of destinations. Absent: all at which the event waits.":
    "目标的名称。未给出：该事件正在等待的所有目标",
  "The account, as callbacks name it.": "账号，与回调中的写法相同",
  "The name of a destination: deliveries to others are left out.": "目标的名称：省略对其他目标的投递",
  "How many minutes, up to a day.": "多少分钟，最多一天",
  "The `after` of the last answer, whose events it confirms. Absent: nothing is confirmed.":
    "上一次应答的 `after`，用来确认其中的事件。未给出：什么都不确认",
  "Events of the answer, at most.": "一次应答最多包含的事件数",
  "Seconds to wait for an event where there is none.": "没有事件时等待的秒数",
  "The name of a destination. Absent: all.": "目标的名称。未给出：全部",
  "Names of destinations. Absent: all that can be sent to.": "目标的名称。未给出：所有可以发送的目标",
  "Ids of events. Absent: all.": "事件的 ID。未给出：全部",
  "The name of a destination.": "目标的名称",
  "The beginning of the period, inclusive: a time, or `2h` before now. It begins RETENTION_HOURS ago at the earliest.":
    "时间段的开始，包含在内：一个时间，或者 `2h`，即两小时之前。最早从 RETENTION_HOURS 之前开始",
  "The end of the period, exclusive: a time, or `1h` before now. It ends now at the latest.":
    "时间段的结束，不包含在内：一个时间，或者 `1h`，即一小时之前。最晚到现在为止",
  "A command or a list of them, as in a rule. It narrows the events of the rule.":
    "一个命令或命令的列表，写法与规则相同。它缩小规则的事件范围",
  "An event pattern, as in a rule. It narrows the events of the rule.":
    "一个事件模式，写法与规则相同。它缩小规则的事件范围",
  "`all`: the events that the rule would forward, delivered or not. `quarantined`: quarantined ones that it matches. `dead`: dead letters of the destination. Absent: `all`.":
    "`all`：规则会转发的事件，无论是否已投递。`quarantined`：规则匹配的已隔离事件。`dead`：该目标的死信。未给出：`all`",
  "Events a second at most, divided among the shards.": "每秒最多发送的事件数，由各分片分摊",
  "True: the events are only counted.": "为 true 时只统计事件的数量",
  "Rules to try, as in `FORWARD_RULES`. Absent: the rules of the settings.":
    "要试验的规则，写法与 `FORWARD_RULES` 相同。未给出：设置中的规则",
  "An event: `command` and `body`, or a callback's body. Not together with `last`.":
    "一个事件：`command` 和 `body`，或者一个回调的包体。不能与 `last` 同时使用",
  "How many of the last kept events are tried. Relay events are among them only if a rule names some.":
    "试验最近保存的多少个事件。只有在规则写明网关事件时，其中才包括它们",
  "The name of a shadow rule.": "影子规则的名称",
  "The name of an ask or answer rule of the settings, or such a rule.":
    "设置中一条询问规则或应答规则的名称，或者这样一条规则本身",
  "How many events at most.": "最多多少个事件",
  'Values by their paths in the body: `{"MsgBody[0].MsgContent.Text": "hello"}`.':
    '按包体中的路径给出的值：`{"MsgBody[0].MsgContent.Text": "hello"}`',
  "A body to send instead of the example. Its times and ids become new, too.":
    "代替示例发送的包体。其中的时间和 ID 同样会换成新的",
};

/** Throws if a description has no Chinese. */
export function parameterInChinese(description: string): string {
  const text = parameters[description];
  if (text === undefined)
    throw new Error(`src/generate/zh-CN/parameters.ts has no Chinese of “${description}”`);
  return text;
}
