/** The documented limits that bound a gateway, and where they are documented. */

const platform = "https://developers.cloudflare.com";
const tencent = "https://www.tencentcloud.com/document/product";

export interface Limit {
  value: number;
  unit: string;
  what: string;
  source: string;
}

export const limits = {
  objectRequests: {
    value: 1_000,
    unit: "requests/s",
    what: "of an object, a soft limit",
    source: `${platform}/durable-objects/platform/limits/`,
  },
  objectGb: {
    value: 10,
    unit: "GB",
    what: "in an object",
    source: `${platform}/durable-objects/platform/limits/`,
  },
  objectMb: {
    value: 128,
    unit: "MB",
    what: "of memory, of an object and of an isolate of the Worker",
    source: `${platform}/workers/platform/limits/#memory`,
  },
  subrequests: {
    value: 10_000,
    unit: "subrequests",
    what: "of an invocation on the paid plan, 50 on the free one: a question of the API asks every shard",
    source: `${platform}/workers/platform/limits/#subrequests`,
  },
  groupMessages: {
    value: 40,
    unit: "messages/s",
    what: "in a group, at Tencent",
    source: `${tencent}/1047/34381`,
  },
} as const satisfies Record<string, Limit>;
