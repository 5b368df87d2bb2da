/** Bodies that are too large, packed, or not as long as their head says. */
import { brotliCompressSync, constants, deflateRawSync, gzipSync } from "node:zlib";
import { head, type Misbehaviour, pour, response, verdict } from "../misbehaviour.ts";
import { brokenOff, delivered, fails, isAnswered, isLost } from "./endings.ts";

const gigabyte = 2 ** 30;

const fails500 = fails(500);
const tooLarge = { how: "invalid", reason: /^the answer is larger than 64 KB$/ } as const;

/** The ways to frame a gigabyte. */
const framings = {
  length: (status: number) => ({
    head: head(status, [`content-length: ${gigabyte}`]),
    piece: " ".repeat(65_536),
  }),
  chunked: (status: number) => ({
    head: head(status, ["transfer-encoding: chunked"]),
    piece: `10000\r\n${" ".repeat(65_536)}\r\n`,
  }),
  unframed: (status: number) => ({ head: head(status), piece: " ".repeat(65_536) }),
} as const;

function gigabytes(): Misbehaviour[] {
  return Object.entries(framings).flatMap(([name, framing]) =>
    [200, 500].map((status): Misbehaviour => {
      const { head, piece } = framing(status);
      return {
        name: `gigabyte-${name}-${status}`,
        asked: (socket) => {
          socket.write(head);
          pour(socket, piece, gigabyte);
        },
        destination: status === 200 ? delivered : { ...fails500.destination, response: /^ {4096}$/ },
        backend: status === 200 ? tooLarge : fails500.backend,
      };
    }),
  );
}

/** A megabyte of spaces as one part of a raw deflate stream. It can be repeated: each part refers to nothing before. */
const part = deflateRawSync(Buffer.alloc(2 ** 20, " "), { finishFlush: constants.Z_FULL_FLUSH });
/** A header of gzip without a name, time or extra fields; one of zlib. */
const gzipHeader = gzipSync("").subarray(0, 10);
const zlibHeader = Buffer.from([0x78, 0x9c]);
const packedGigabytes = 4;
const parts = Buffer.concat(Array.from({ length: packedGigabytes * 1024 }, () => part));
/** 256 MB in some hundred bytes. */
const brotliBomb = brotliCompressSync(Buffer.alloc(2 ** 28, " "), {
  params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_LGWIN]: 24 },
});

const bombs = {
  gzip: () => Buffer.concat([gzipHeader, parts]),
  br: () => brotliBomb,
  deflate: () => Buffer.concat([zlibHeader, parts]),
  "gzip, gzip": () => gzipSync(Buffer.concat([gzipHeader, parts])),
} as const;

function packed(): Misbehaviour[] {
  return Object.entries(bombs).flatMap(([encoding, bomb]) =>
    [200, 500].map((status): Misbehaviour => {
      // Brotli and gzip within gzip come small, and are not unpacked.
      const notUnpacked = new RegExp(
        `^the answer is ${encoding}, which is not unpacked here: send plain JSON$`,
      );
      const comesLarge = encoding === "gzip" || encoding === "deflate";
      return {
        name: `${encoding.replace(", ", "-in-")}-bomb-${status}`,
        asked: (socket) => {
          const body = bomb();
          socket.write(head(status, [`content-encoding: ${encoding}`, `content-length: ${body.length}`]));
          socket.write(body);
        },
        destination: status === 200 ? delivered : fails500.destination,
        backend:
          status === 500 ? fails500.backend : comesLarge ? tooLarge : { how: "invalid", reason: notUnpacked },
      };
    }),
  );
}

/** A body that is not as long as its head says; the connection is closed behind it. */
function lying(
  name: string,
  headers: readonly string[],
  body: string,
  ends: Pick<Misbehaviour, "destination" | "backend">,
): Misbehaviour {
  return { name, asked: (socket) => socket.end(`${head(200, headers)}${body}`, "latin1"), ...ends };
}

/** Bodies that are no text, or a text that is hard to keep. */
const texts: Readonly<Record<string, Buffer>> = {
  "utf-8-broken": Buffer.from([0x61, 0xff, 0xfe, 0xc3, 0x28, 0xe2, 0x82, 0x62]),
  // Halves of surrogate pairs, encoded as if they were characters.
  surrogates: Buffer.from([0x61, 0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80, 0x62]),
  "nul-bytes": Buffer.from("a\0\0\0b"),
  "emoji-64-kb": Buffer.from("\u{1f600}".repeat(16_384)),
  "byte-order-mark": Buffer.from("\ufeffa"),
  "control-characters": Buffer.from("\u001b[31mred\u0007\u2028\u202e"),
};

export const bodies: readonly Misbehaviour[] = [
  ...gigabytes(),
  ...packed(),
  lying("length-too-long", ["content-length: 900"], verdict, { destination: delivered, backend: brokenOff }),
  lying("length-too-short", ["content-length: 2"], verdict, {
    destination: delivered,
    backend: { how: "invalid", reason: /./ },
  }),
  {
    name: "second-answer-unasked",
    asked: (socket) => socket.write(response(200) + response(500)),
    ...isAnswered,
  },
  lying("length-negative", ["content-length: -1"], verdict, isLost),
  lying("length-not-a-number", ["content-length: many"], verdict, isLost),
  lying("length-of-30-digits", [`content-length: ${"9".repeat(30)}`], verdict, isLost),
  lying("length-2-to-the-63", ["content-length: 9223372036854775808"], verdict, {
    destination: delivered,
    backend: brokenOff,
  }),
  lying("two-lengths", ["content-length: 15", "content-length: 16"], verdict, isLost),
  lying(
    "length-and-chunked",
    ["content-length: 900", "transfer-encoding: chunked"],
    `f\r\n${verdict}\r\n0\r\n\r\n`,
    isAnswered,
  ),
  lying("unknown-transfer-encoding", ["transfer-encoding: gzip"], verdict, {
    ...isAnswered,
  }),
  lying("chunk-size-not-hex", ["transfer-encoding: chunked"], `zz\r\n${verdict}\r\n`, {
    destination: delivered,
    backend: brokenOff,
  }),
  lying("chunk-size-negative", ["transfer-encoding: chunked"], `-1\r\n${verdict}\r\n`, {
    destination: delivered,
    backend: brokenOff,
  }),
  lying("chunk-size-of-30-digits", ["transfer-encoding: chunked"], `${"f".repeat(30)}\r\n${verdict}\r\n`, {
    destination: delivered,
    backend: brokenOff,
  }),
  lying("chunk-without-end", ["transfer-encoding: chunked"], `f\r\n${verdict}\r\n`, {
    destination: delivered,
    backend: brokenOff,
  }),
  lying("chunk-longer-than-said", ["transfer-encoding: chunked"], `5\r\n${verdict}\r\n0\r\n\r\n`, {
    destination: delivered,
    backend: brokenOff,
  }),
  {
    name: "chunk-extension-without-end",
    asked: (socket) => {
      socket.write(`${head(200, ["transfer-encoding: chunked"])}f;`);
      pour(socket, "x".repeat(65_536), gigabyte);
    },
    destination: delivered,
    backend: brokenOff,
  },
  {
    name: "trailers-without-end",
    asked: (socket) => {
      socket.write(`${head(200, ["transfer-encoding: chunked"])}f\r\n${verdict}\r\n0\r\n`);
      pour(socket, `x: ${"x".repeat(1_000)}\r\n`, gigabyte);
    },
    destination: delivered,
    backend: brokenOff,
  },
  {
    name: "204-with-a-body",
    asked: (socket) => socket.write(response(204)),
    destination: { ...delivered, status: 204 },
    backend: { how: "invalid", reason: /./ },
  },
  {
    name: "205-with-a-body",
    asked: (socket) => socket.write(response(205)),
    destination: { ...delivered, status: 205 },
    backend: { how: "invalid", reason: /./ },
  },
  {
    name: "304-with-a-body",
    asked: (socket) => socket.write(response(304)),
    destination: { state: "dead", status: 304, error: /^answered 304: redirects are not followed$/ },
    backend: { how: "status", reason: /./ },
  },
  {
    name: "gzip-that-is-none-500",
    asked: (socket) => socket.write(response(500, ["content-encoding: gzip"], "plain")),
    ...fails500,
  },
  {
    name: "gzip-that-is-none-200",
    asked: (socket) => socket.write(response(200, ["content-encoding: gzip"])),
    destination: delivered,
    backend: { how: "invalid", reason: /./ },
  },
  {
    name: "br-that-is-none-500",
    asked: (socket) => socket.write(response(500, ["content-encoding: br"], "plain")),
    ...fails500,
  },
  ...["utf-8-broken", "surrogates", "nul-bytes", "emoji-64-kb", "byte-order-mark", "control-characters"].map(
    (name): Misbehaviour => ({
      name,
      asked: (socket) => {
        const body = texts[name]!;
        socket.write(head(500, [`content-length: ${body.length}`]));
        socket.write(body);
      },
      ...fails500,
    }),
  ),
];
