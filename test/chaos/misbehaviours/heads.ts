/** Heads that are no head of HTTP, or far too long a one. */
import { head, type Meeting, type Misbehaviour, pour, response, verdict } from "../misbehaviour.ts";
import { delivered, fails, isAnswered, isLost } from "./endings.ts";

const megabyte = 2 ** 20;

/** A 200 with these lines among its headers. */
function withHeaders(...lines: string[]): Meeting {
  const bytes = Buffer.from(response(200, lines), "latin1");
  return (socket) => socket.write(bytes);
}

/** Bytes in place of an answer, and then the end of the connection. */
function instead(bytes: string): Meeting {
  return (socket) => socket.end(bytes, "latin1");
}

function statusLine(line: string): Meeting {
  return instead(`${line}\r\ncontent-length: ${verdict.length}\r\n\r\n${verdict}`);
}

export const heads: readonly Misbehaviour[] = [
  { name: "header-of-10-mb", asked: withHeaders(`x: ${"x".repeat(10 * megabyte)}`), ...isLost },
  { name: "header-of-60-kb", asked: withHeaders(`x: ${"x".repeat(60_000)}`), ...isAnswered },
  {
    name: "headers-10000",
    asked: withHeaders(...Array.from({ length: 10_000 }, (_, n) => `x-${n}: ${n}`)),
    ...isAnswered,
  },
  {
    name: "headers-2000-of-one-name",
    asked: withHeaders(...Array.from({ length: 2_000 }, (_, n) => `x: ${n}`)),
    ...isAnswered,
  },
  {
    name: "headers-without-end",
    asked: (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      pour(socket, `x: ${"x".repeat(1_000)}\r\n`, 1024 * megabyte);
    },
    ...isLost,
  },
  {
    name: "status-line-without-end",
    asked: (socket) => {
      socket.write("HTTP/1.1 200 ");
      pour(socket, "x".repeat(65_536), 1024 * megabyte);
    },
    ...isLost,
  },
  { name: "header-with-nul", asked: withHeaders("x: a\0b"), ...isLost },
  { name: "header-with-control-characters", asked: withHeaders("x: a\x01\x7f\x1bb"), ...isAnswered },
  { name: "header-with-bare-cr", asked: withHeaders("x: a\rb"), ...isLost },
  { name: "header-non-ascii", asked: withHeaders("x: \xe9\xff\x80"), ...isAnswered },
  { name: "header-without-colon", asked: withHeaders("no colon"), ...isLost },
  { name: "header-without-name", asked: withHeaders(": x"), ...isLost },
  { name: "header-name-with-space", asked: withHeaders("x y: z"), ...isLost },
  { name: "header-folded", asked: withHeaders("x: a\r\n b"), ...isLost },
  { name: "status-missing", asked: statusLine("HTTP/1.1"), ...isLost },
  { name: "status-not-a-number", asked: statusLine("HTTP/1.1 OK"), ...isLost },
  ...["0", "99", "1000", "-200", "2e2", "20", "0200"].map(
    (status): Misbehaviour => ({
      name: `status-${status.replace("-", "minus-")}`,
      asked: statusLine(`HTTP/1.1 ${status} Odd`),
      ...isLost,
    }),
  ),
  { name: "status-600", asked: statusLine("HTTP/1.1 600 Odd"), ...fails(600) },
  { name: "status-999", asked: statusLine("HTTP/1.1 999 Odd"), ...fails(999) },
  {
    name: "interim-103-then-200",
    asked: (socket) => socket.write(`HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${response(200)}`),
    ...isAnswered,
  },
  {
    name: "interim-1000-then-200",
    asked: (socket) => socket.write("HTTP/1.1 100 Continue\r\n\r\n".repeat(1_000) + response(200)),
    ...isAnswered,
  },
  {
    name: "interim-101",
    asked: (socket) =>
      socket.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: chaos\r\nconnection: upgrade\r\n\r\n"),
    ...fails(101),
  },
  {
    name: "interim-101-websocket",
    asked: (socket) =>
      socket.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"),
    ...fails(101),
  },
  { name: "http-0-9", asked: instead("hello"), ...isLost },
  { name: "http-1-0", asked: instead(`HTTP/1.0 200 OK\r\n\r\n${verdict}`), ...isAnswered },
  { name: "http-3-0", asked: instead(`HTTP/3.0 200 OK\r\n\r\n${verdict}`), ...isLost },
  { name: "http-in-small-letters", asked: instead(`http/1.1 200 ok\r\n\r\n${verdict}`), ...isLost },
  { name: "line-feeds-alone", asked: instead(`HTTP/1.1 200 OK\n\n${verdict}`), ...isAnswered },
  { name: "blank-lines-first", asked: instead(`\r\n\r\n${response(200)}`), ...isAnswered },
  {
    name: "http-2-preface",
    asked: instead("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"),
    ...isLost,
  },
  {
    name: "http-2-settings",
    accepted: (socket) => socket.write("\0\0\0\x04\0\0\0\0\0", "latin1"),
    ...isLost,
  },
  { name: "ssh-banner", accepted: (socket) => socket.write("SSH-2.0-Chaos_1.0\r\n"), ...isLost },
  { name: "smtp-banner", asked: instead("220 mail.example.com ESMTP\r\n"), ...isLost },
  { name: "tls-alert", asked: instead("\x15\x03\x03\0\x02\x02\x28"), ...isLost },
  {
    name: "random-bytes",
    asked: instead(Buffer.from("l\x00\xffk2j\x1b90\x80").toString("latin1").repeat(50)),
    ...isLost,
  },
  {
    name: "reason-phrase-missing",
    asked: (socket) => socket.write(`HTTP/1.1 200\r\ncontent-length: ${verdict.length}\r\n\r\n${verdict}`),
    ...isAnswered,
  },
  {
    name: "status-line-alone",
    asked: (socket) => socket.end(head(200)),
    destination: delivered,
    backend: { how: "invalid", reason: /./ },
  },
];
