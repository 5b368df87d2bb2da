/** Receiving a callback, as an operation of the document. `receive/receive.ts` answers it, on the path of `CALLBACK_PATH`. */
import * as v from "valibot";
import type { Operation } from "../operation.ts";
import { component, count, described } from "./answers.ts";

export const callbackAnswer = component("CallbackAnswer", "The answer to Tencent.", {
  ActionStatus: v.picklist(["OK", "FAIL"]),
  ErrorInfo: described(v.string(), "Why the callback was refused, in a sentence."),
  ErrorCode: described(count, "0 lets the action go on; 1 with FAIL; others refuse the action."),
});

const parameters = [
  ["SdkAppid", "Our SDKAppID.", true],
  ["CallbackCommand", "The command.", true],
  ["contenttype", "`json`.", false],
  ["ClientIP", "The address of the user's client.", false],
  ["OptPlatform", "The platform of the user's client.", false],
  ["Sign", "SHA-256 of the callback token and `RequestTime`, in hex.", false],
  ["RequestTime", "When it was signed, Unix seconds.", false],
] as const;

const answers = {
  200: "The event is kept, or the verdict of a before-callback, which may have further fields.",
  400: "The body or the command cannot be read, or the payload does not fit its command.",
  403: "The address, the app or the signature is not accepted.",
  413: "The body is larger than 1 MiB.",
  503: "The event could not be kept in time, or the gateway is not configured.",
  508: "The callback came through this gateway before.",
};

/** @param schema of the answer */
export const callbackOperation = (schema: object): Operation => ({
  operationId: "receiveCallback",
  tags: ["Callbacks"],
  summary: "Receives a callback of Tencent Cloud Chat.",
  description:
    "On the path of `CALLBACK_PATH`, `/` by default. Parameter names are matched without regard to case. An after-callback is answered OK when its event is durable; a before-callback is answered with the verdict.",
  security: [],
  parameters: parameters.map(([name, description, required]) => ({
    name,
    in: "query",
    ...(required && { required }),
    description,
    schema: { type: "string" },
  })),
  requestBody: {
    required: true,
    content: { "application/json": { schema: { type: "object", additionalProperties: true } } },
  },
  responses: Object.fromEntries(
    Object.entries(answers).map(([status, description]) => [
      status,
      { description, content: { "application/json": { schema } } },
    ]),
  ),
});
