/** A request before it is sent, in parts that a mutation can change one by one, down to its bytes. */
import type { Node } from "./json-tree.ts";
import { textOf } from "./json-tree.ts";

export interface Draft {
  method: string;
  /** Encoded, as it stands in the request line. */
  path: string;
  /** Names and values as they stand in the request line. */
  query: [name: string, value: string][];
  headers: [name: string, value: string][];
  /** JSON that mutations may change; bytes; or none. */
  body: Node | Buffer | null;
  framing: "length" | "chunks";
}

/** Encodes a text for a path or query. Half a surrogate pair is written as the three bytes that it would be. */
export function encoded(text: string): string {
  return Array.from(text, (one) =>
    one.isWellFormed()
      ? encodeURIComponent(one)
      : [
          0xe0 | (one.charCodeAt(0) >> 12),
          0x80 | ((one.charCodeAt(0) >> 6) & 63),
          0x80 | (one.charCodeAt(0) & 63),
        ]
          .map((byte) => `%${byte.toString(16)}`)
          .join(""),
  ).join("");
}

export function bodyOf({ body }: Draft): Buffer {
  if (body === null) return Buffer.alloc(0);
  return Buffer.isBuffer(body) ? body : Buffer.from(textOf(body));
}

export function targetOf({ path, query }: Draft): string {
  const search = query.map(([name, value]) => `${name}=${value}`).join("&");
  return search === "" ? path : `${path}?${search}`;
}

/** The bytes of a request. A header of the draft that frames the body takes the place of the right one. */
export function bytesOf(draft: Draft): Buffer {
  const body = bodyOf(draft);
  const own = draft.headers.map(([name]) => name.toLowerCase());
  const frames = own.includes("content-length") || own.includes("transfer-encoding");
  const bodiless = draft.body === null && draft.method !== "POST";
  const chunked = draft.framing === "chunks" && !bodiless;
  const framing = chunked ? "transfer-encoding: chunked" : `content-length: ${body.length}`;
  const lines = [
    `${draft.method} ${targetOf(draft)} HTTP/1.1`,
    ...(own.includes("host") ? [] : ["host: relay.example.com"]),
    ...draft.headers.map(([name, value]) => `${name}: ${value}`),
    ...(frames || bodiless ? [] : [framing]),
  ];
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  return Buffer.concat([head, chunked && !frames ? inChunks(body) : body]);
}

function inChunks(body: Buffer): Buffer {
  const half = body.length >> 1;
  const chunks = [body.subarray(0, half), body.subarray(half)].filter(({ length }) => length > 0);
  return Buffer.concat([
    ...chunks.flatMap((chunk) => [
      Buffer.from(`${chunk.length.toString(16)}\r\n`),
      chunk,
      Buffer.from("\r\n"),
    ]),
    Buffer.from("0\r\n\r\n"),
  ]);
}
