/** Stand-ins for chat bots and for services that wake people up: they judge messages, and answer as the real ones do. */
import { type Answer, type Received, reply } from "../support/receiver.ts";

// biome-ignore lint/suspicious/noExplicitAny: a message may be of any shape
type Fields = Record<string, any>;

interface StandIn {
  /** The beginning of its path. */
  path: string;
  /** Its answer to a message that it cannot take; null: it takes it. */
  refusal(message: Fields, request: Received): Answer | null;
  tooFast: Answer;
  taken: Answer;
}

const json = (status: number, value: unknown, headers: Record<string, string> = {}) =>
  reply(status, { "content-type": "application/json", ...headers }, JSON.stringify(value));

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** The keyword of DingTalk's bot. */
const keyword = "聊天";

export const standIns: readonly StandIn[] = [
  {
    path: "/open-apis/bot/v2/hook/",
    refusal: ({ msg_type, content }) =>
      msg_type === "text" && isText(content?.text)
        ? null
        : json(200, { code: 9499, msg: "Bad Request", data: {} }),
    tooFast: json(200, {
      code: 11232,
      msg: "frequency limited psm[lark.oapi.app_platform_runtime]",
      data: {},
    }),
    taken: json(200, { StatusCode: 0, StatusMessage: "success", code: 0, data: {}, msg: "success" }),
  },
  {
    path: "/robot/send?access_token=",
    refusal: ({ markdown, text }) =>
      [markdown?.title, markdown?.text, text?.content].some((one) => isText(one) && one.includes(keyword))
        ? null
        : json(200, { errcode: 310000, errmsg: `keywords not in content, more: [${keyword}]` }),
    tooFast: json(200, { errcode: 130101, errmsg: "send too fast, exceed 20 times per minute" }),
    taken: json(200, { errcode: 0, errmsg: "ok" }),
  },
  {
    path: "/cgi-bin/webhook/send?key=",
    refusal: ({ msgtype, text }) =>
      msgtype === "text" && isText(text?.content)
        ? null
        : json(200, { errcode: 40008, errmsg: "invalid message type, hint: [1764230400]" }),
    tooFast: json(200, { errcode: 45009, errmsg: "api freq out of limit, hint: [1764230400]" }),
    taken: json(200, { errcode: 0, errmsg: "ok" }),
  },
  {
    path: "/services/",
    refusal: ({ text, blocks }) => (isText(text) || blocks ? null : reply(400, {}, "no_text")),
    tooFast: reply(429, { "retry-after": "1" }, "rate_limited"),
    taken: reply(200, {}, "ok"),
  },
  {
    path: "/bot",
    refusal: ({ chat_id, text }) =>
      Number.isInteger(chat_id) && isText(text)
        ? null
        : json(400, { ok: false, error_code: 400, description: "Bad Request: message text is empty" }),
    tooFast: json(
      429,
      {
        ok: false,
        error_code: 429,
        description: "Too Many Requests: retry after 1",
        parameters: { retry_after: 1 },
      },
      { "retry-after": "1" },
    ),
    taken: json(200, { ok: true, result: { message_id: 7 } }),
  },
  {
    path: "/v2/enqueue",
    refusal: ({ routing_key, event_action, payload }) =>
      isText(routing_key) && (event_action === "resolve" || isText(payload?.summary))
        ? null
        : json(400, { status: "invalid event", message: "Event object is invalid", errors: [] }),
    tooFast: json(429, { status: "throttle exceeded" }),
    taken: json(202, { status: "success", message: "Event processed", dedup_key: "tim-relay" }),
  },
  {
    path: "/v2/alerts",
    refusal: ({ message, description }, { headers }) =>
      headers.authorization !== "GenieKey opsgenie-key"
        ? json(401, { message: "Could not authenticate", took: 0.001 })
        : isText(message) && message.length <= 130 && isText(description)
          ? null
          : json(422, { message: "Request body is not processable", took: 0.001 }),
    tooFast: json(429, { message: "You are making too many requests!", took: 0.001 }),
    taken: json(202, { result: "Request will be processed", took: 0.302, requestId: "id" }),
  },
];

/** Answers for all of them, by the path. A bot that is asked for the first time is asked too fast. */
export function answerAsBots(isFast: (request: Received) => boolean): Answer {
  const asked = new Set<StandIn>();
  return (response, request) => {
    const bot = standIns.find(({ path }) => request.url.startsWith(path));
    if (!bot) return reply(404)(response, request);
    const refusal = bot.refusal(JSON.parse(request.body), request);
    if (refusal) return refusal(response, request);
    const isFirst = isFast(request) && !asked.has(bot);
    asked.add(bot);
    return (isFirst ? bot.tooFast : bot.taken)(response, request);
  };
}
