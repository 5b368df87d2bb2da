/**
 * Relay events as sentences. Each has a brief one, for a token that sees no bodies, and a full one. Its braces hold
 * fields of the body. `{count:dead letter}` is a number with its noun.
 */
import type { Tone } from "../tones.ts";

export interface Sentence {
  brief: string;
  full: string;
}

export interface RelayTexts {
  sentences: Readonly<Record<string, Sentence>>;
  /** Values of fields that are words, by field and value. */
  words: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** A number with its noun. */
  counted(number: string, noun: string): string;
}

/** How a field is written. */
export interface Writing {
  count(value: number): string;
  duration(ms: number): string;
  clock(at: Date): string;
  /** A sentence of the gateway. */
  told(sentence: string): string;
}

export interface RelayEvent {
  command: string;
  /** `relay:` and the destination or command that it is about. */
  conversation: string | null;
  /** Null where the token sees no bodies. */
  body: Readonly<Record<string, unknown>> | null;
}

/** A relay event in words. One that this page does not know is its name. */
export function sentenceOf(event: RelayEvent, texts: RelayTexts, writing: Writing): string {
  const { command, conversation, body } = event;
  const known = Object.hasOwn(texts.sentences, command) ? texts.sentences[command] : undefined;
  const subject = conversation?.replace(/^relay:/, "") ?? "";
  if (known === undefined) return subject === "" ? command : `${command}: ${subject}`;
  const full = body === null ? null : filled(known.full, body, texts, writing);
  return full ?? known.brief.replace("{subject}", () => subject);
}

/** Null where a field is missing: an erased body has none. */
function filled(
  sentence: string,
  body: Readonly<Record<string, unknown>>,
  texts: RelayTexts,
  writing: Writing,
): string | null {
  let isWhole = true;
  const said = sentence.replace(/\{(\w+)(?::([^}]+))?\}/g, (_, name: string, noun?: string) => {
    const value = written(name, Object.hasOwn(body, name) ? body[name] : undefined, texts, writing);
    if (value === null) isWhole = false;
    return noun === undefined ? (value ?? "") : texts.counted(value ?? "", noun);
  });
  return isWhole ? said : null;
}

function written(name: string, value: unknown, { words }: RelayTexts, writing: Writing): string | null {
  if (typeof value === "number") return name === "downMs" ? writing.duration(value) : writing.count(value);
  if (typeof value !== "string") return null;
  const known = Object.hasOwn(words, name) ? words[name]! : {};
  if (Object.hasOwn(known, value)) return known[value]!;
  if (name === "expiresAt" && !Number.isNaN(Date.parse(value))) return writing.clock(new Date(value));
  return isSentence.has(name) ? writing.told(value) : value;
}

/** Fields that the gateway has made sentences of. */
const isSentence: ReadonlySet<string> = new Set(["lastError", "reason"]);

const tones: Readonly<Record<string, Tone>> = {
  "Relay.DestinationDown": "bad",
  "Relay.DestinationRecovered": "ok",
  "Relay.DestinationDisabled": "bad",
  "Relay.DeadLetter": "bad",
  "Relay.Quarantined": "odd",
  "Relay.Drift": "odd",
  "Relay.Expiring": "warn",
  "Relay.Expired": "bad",
  "Relay.VerdictsInvalid": "warn",
  "Relay.BackendDown": "bad",
  "Relay.BackendRecovered": "ok",
  "Relay.SignatureRefused": "warn",
  "Relay.OldToken": "warn",
};

/** An action of a person is neither good nor bad. */
export function toneOfRelay(command: string): Tone {
  return tones[command] ?? "off";
}

export const relayEnglish: RelayTexts = {
  counted: (number, noun) => `${number} ${number === "1" ? noun : `${noun}s`}`,
  words: {
    action: {
      paused: "paused",
      resumed: "resumed",
      tested: "tested",
      retried: "retried at once what waits for",
      forgot: "forgot",
      replayed: "sent again:",
      cancelled: "cancelled the replay",
      skipped: "gave up deliveries of",
      erased: "erased the account with the hash",
    },
  },
  sentences: {
    "Relay.DestinationDown": {
      brief: "{subject} is down: only probes are sent to it.",
      full: "{destination} is down after {failures:failure} in a row: {lastError}. Waiting: {waiting:event}.",
    },
    "Relay.DestinationRecovered": {
      brief: "{subject} answers again.",
      full: "{destination} answers again. It was down for {downMs}; {waiting:event} waited.",
    },
    "Relay.DestinationDisabled": {
      brief: "{subject} answered 410: it is disabled until it is resumed.",
      full: "{destination} answered 410: it is disabled until it is resumed.",
    },
    "Relay.DeadLetter": {
      brief: "Deliveries to {subject} were given up.",
      full: "{count:dead letter} of {destination} within a minute: {lastError}.",
    },
    "Relay.Quarantined": {
      brief: "{subject}: events were quarantined.",
      full: "{command}: {count:event} quarantined within a minute.",
    },
    "Relay.Drift": {
      brief: "{subject} differs from Tencent’s documents in a new way.",
      full: "{command} differs from Tencent’s documents in a new way: {kind} {path}, found {found}.",
    },
    "Relay.Expiring": {
      brief: "Events that wait for {subject} have used half of their time.",
      full: "{waiting:event} for {destination} wait, and the oldest is dropped at {expiresAt}.",
    },
    "Relay.Expired": {
      brief: "Events were dropped before {subject} had them.",
      full: "{count:event} dropped before {destination} had them.",
    },
    "Relay.VerdictsInvalid": {
      brief: "Answers of a rule cannot be read as verdicts.",
      full: "{count:answer} of {rule} in a row could not be read as verdicts: {reason}.",
    },
    "Relay.BackendDown": {
      brief: "The backend of a rule is down, and is not waited for.",
      full: "The backend of {rule} is down after {failures:failure} in a row, and is not waited for: {lastError}.",
    },
    "Relay.BackendRecovered": {
      brief: "The backend of a rule answers again.",
      full: "The backend of {rule} answers again. It was down for {downMs}.",
    },
    "Relay.SignatureRefused": {
      brief: "Many callbacks were refused for their signature or app.",
      full: "{count:callback} refused within a minute for a wrong {reason}.",
    },
    "Relay.OldToken": {
      brief: "Callbacks are still signed with an older CALLBACK_TOKEN.",
      full: "{count:callback} signed with CALLBACK_TOKEN number {position}, not with the first.",
    },
    "Relay.Test": { brief: "{subject} was tested.", full: "{destination} was tested." },
    "Relay.Action": {
      brief: "An administrator has changed something.",
      full: "The token {by} {action} {target}.",
    },
  },
};

export const relayChinese: RelayTexts = {
  counted: (number, noun) => `${number} ${noun}`,
  words: {
    action: {
      paused: "暂停了",
      resumed: "恢复了",
      tested: "测试了",
      retried: "立即重试了",
      forgot: "移除了",
      replayed: "重新发送了",
      cancelled: "取消了重放",
      skipped: "放弃了以下事件的投递：",
      erased: "清除了账号（哈希）",
    },
    kind: {
      "unknown field": "未知字段",
      "unexpected value": "取值不符",
      "other type": "类型不符",
      "unknown command": "未知命令",
    },
    reason: { signature: "签名", app: "应用" },
  },
  sentences: {
    "Relay.DestinationDown": {
      brief: "{subject} 不可用：仅发送探测请求。",
      full: "{destination} 连续失败 {failures:次}后不可用：{lastError}。积压 {waiting:个事件}。",
    },
    "Relay.DestinationRecovered": {
      brief: "{subject} 已恢复响应。",
      full: "{destination} 已恢复响应，中断 {downMs}，期间积压 {waiting:个事件}。",
    },
    "Relay.DestinationDisabled": {
      brief: "{subject} 返回 410，已停用，需手动恢复。",
      full: "{destination} 返回 410，已停用，需手动恢复。",
    },
    "Relay.DeadLetter": {
      brief: "发往 {subject} 的投递已被放弃。",
      full: "{destination} 在一分钟内产生 {count:条死信}：{lastError}。",
    },
    "Relay.Quarantined": {
      brief: "{subject}：有事件被隔离。",
      full: "{command}：一分钟内有 {count:个事件}被隔离。",
    },
    "Relay.Drift": {
      brief: "{subject} 与腾讯云文档出现新的差异。",
      full: "{command} 与腾讯云文档出现新的差异：{path} {kind}，实际为 {found}。",
    },
    "Relay.Expiring": {
      brief: "等待 {subject} 的事件已用去一半保留时间。",
      full: "有 {waiting:个事件}在等待 {destination}，最早的将于 {expiresAt} 被丢弃。",
    },
    "Relay.Expired": {
      brief: "有事件在送达 {subject} 之前被丢弃。",
      full: "{count:个事件}在送达 {destination} 之前被丢弃。",
    },
    "Relay.VerdictsInvalid": {
      brief: "某条规则的响应无法解析为裁决。",
      full: "{rule} 连续 {count:次响应}无法解析为裁决：{reason}。",
    },
    "Relay.BackendDown": {
      brief: "某条规则的后端不可用，不再等待其响应。",
      full: "{rule} 的后端连续失败 {failures:次}，不再等待其响应：{lastError}。",
    },
    "Relay.BackendRecovered": {
      brief: "某条规则的后端已恢复响应。",
      full: "{rule} 的后端已恢复响应，中断 {downMs}。",
    },
    "Relay.SignatureRefused": {
      brief: "大量回调因签名或应用有误被拒绝。",
      full: "一分钟内有 {count:个回调}因{reason}有误被拒绝。",
    },
    "Relay.OldToken": {
      brief: "仍有回调使用较旧的 CALLBACK_TOKEN 签名。",
      full: "{count:个回调}使用第 {position} 个 CALLBACK_TOKEN 签名，而非第一个。",
    },
    "Relay.Test": { brief: "已测试 {subject}。", full: "已测试 {destination}。" },
    "Relay.Action": { brief: "管理员进行了一项操作。", full: "令牌 {by} {action} {target}。" },
  },
};
