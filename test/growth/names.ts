/** Requests in which a stranger, or a sender with a valid signature, names things: every number gives other names. */
import { Agent, request } from "node:http";
import { callbackToken, queryOf, signed } from "../support/callbacks.ts";
import { adminToken } from "../support/client.ts";

interface Named {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** Statuses of the answer. */
  status: number | readonly number[];
}

const known = "Group.CallbackAfterRecallMsg";

function callback(
  command: string,
  body: object | string,
  status = 200,
  query: Record<string, string> = {},
): Named {
  const parameters = { CallbackCommand: command, ...signed(callbackToken), ...query };
  return {
    method: "POST",
    path: `/${queryOf(parameters)}`,
    body: typeof body === "string" ? body : JSON.stringify(body),
    status,
  };
}

const recall = (n: number) => ({ GroupId: `@TGS#${n}`, MsgSeqList: [{ MsgSeq: n }] });

/** Many members of an object, none of them documented. */
const unknownFields = (n: number, count = 20) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${n}.${index}[0]"\\\n`, null]));

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** The things that requests name, each with its request of a number. */
const dimensions: Readonly<Record<string, (n: number) => Named>> = {
  "unknown commands": (n) => callback(`Group.CallbackAfterNews${n}`, { GroupId: "@TGS#1", n }),
  "unknown before-callbacks": (n) => callback(`Live${n}.CallbackBefore${n}`, { n }),
  "groups and accounts": (n) => callback(known, { ...recall(n), Operator_Account: `account-${n}` }),
  "request ids": (n) => callback(known, recall(0), 200, { RequestID: `request-${n}` }),
  "client addresses and platforms": (n) =>
    callback(known, recall(n + 1e6), 200, { ClientIP: `client-${n}`, OptPlatform: `platform-${n}` }),
  "names of query parameters": (n) => callback(known, recall(n + 2e6), 200, { [`parameter-${n}`]: `${n}` }),
  "fields that are not documented": (n) => callback(known, { ...recall(n + 3e6), ...unknownFields(n) }),
  "values that are not documented": (n) => callback(known, { ...recall(n + 4e6), Type: `type-${n}` }),
  "long names of fields": (n) => callback(known, { ...recall(n + 5e6), [`${"x".repeat(50_000)}${n}`]: n }),
  "types of message elements": (n) =>
    callback("Group.CallbackAfterSendMsg", {
      GroupId: "@TGS#1",
      MsgSeq: n,
      Random: n,
      From_Account: "minh",
      MsgBody: [{ MsgType: `Element${n}`, MsgContent: { [`field-${n}`]: 1 } }],
    }),
  "misfits with fields of any name": (n) => callback(known, { GroupId: "@TGS#1", [`field-${n}`]: [] }, 400),
  "misfits in long lists": (n) =>
    callback(
      known,
      { GroupId: "@TGS#1", MsgSeqList: Array.from({ length: n % 50 }, () => ({ [`x${n}`]: 1 })) },
      n % 50 === 0 ? 200 : 400,
    ),
  "apps of others": (n) => callback(known, recall(n), 403, { SdkAppid: `15${n}` }),
  signatures: (n) => callback(known, recall(n), 403, { Sign: `forged-${n}` }),
  "times of signing": (n) => callback(known, recall(n), 403, { RequestTime: `${1e9 + n}` }),
  "commands of other characters": (n) => callback(`no command ${n}`, recall(n), 400),
  "broken bodies": (n) => callback(known, `{"broken-${n}": `, 400),
  "other commands in the body": (n) => callback(known, { CallbackCommand: `Other${n}` }, 400),
  hosts: (n) => ({ path: "/health", headers: { host: `host-${n}.example.com` }, status: 200 }),
  paths: (n) => ({ path: `/path-${n}/${n}?q${n}=1`, status: 404 }),
  "paths of the API": (n) => ({ path: `/api/${n}`, headers: bearer(adminToken), status: 404 }),
  "parameters of the API": (n) => ({ path: `/api/drift?p${n}=1`, headers: bearer(adminToken), status: 400 }),
  tokens: (n) => ({ path: "/api/drift", headers: bearer(`token-${n}`), status: [401, 429] }),
  "ids of events": (n) => ({ path: `/api/events/evt_${n}`, headers: bearer(adminToken), status: 404 }),
  "commands that are asked for": (n) => ({
    path: `/api/events?command=Asked${n}&limit=1`,
    headers: bearer(adminToken),
    status: 400,
  }),
  "names of destinations": (n) => ({
    method: "POST",
    path: `/api/destinations/name-${n}/pause`,
    headers: bearer(adminToken),
    status: 404,
  }),
};

/** Sends the requests of so many numbers, from a first one on, of every dimension. Fails at any other answer. */
export async function nameMany(gateway: string, first: number, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 12 });
  const sent = Object.entries(dimensions).flatMap(([dimension, named]) =>
    Array.from({ length: count }, async (_, index) => {
      const { method = "GET", path, headers = {}, body = "", status } = named(first + index);
      const answered = await new Promise<number | undefined>((resolve, reject) => {
        const sending = request(gateway + path, { method, headers, agent }, (answer) => {
          answer.resume().on("end", () => resolve(answer.statusCode));
        });
        sending.on("error", reject);
        sending.end(body);
      });
      if (![status].flat().some((one) => one === answered))
        throw new Error(`${dimension}, ${first + index}: answered ${answered}`);
    }),
  );
  await Promise.all(sent);
  agent.destroy();
}
