/** Connections that end, hang or drip at every point of an exchange. */
import { blackHole, refusing, unresolvable } from "../addresses.ts";
import { drip, head, type Misbehaviour, response, verdict, writeThenReset } from "../misbehaviour.ts";

const lost =
  /^the connection was refused, was closed before an answer came, or the answer was not valid HTTP$/;
const late = /^no answer after \d+ ms$/;

/** No answer: the connection is lost. */
const isLost = {
  destination: { state: "dead", status: null, error: lost },
  backend: { how: "unreachable", reason: lost },
} as const;

/** No answer until the time is up. */
const isLate = {
  destination: { state: "dead", status: null, error: late },
  backend: { how: "timeout", reason: /^no verdict within \d+ ms$/ },
} as const;

/** The answer's head says all that a destination has to say; a verdict needs the body. */
const delivered = { state: "delivered", status: 200, error: null } as const;
const brokenOff = /^the connection was closed before the answer was whole$/;
const answered = { how: "answered" } as const;

export const connections: readonly Misbehaviour[] = [
  { name: "reset-at-accept", accepted: (socket) => socket.resetAndDestroy(), ...isLost },
  { name: "close-at-accept", accepted: (socket) => socket.destroy(), ...isLost },
  { name: "reset-at-first-byte", begun: (socket) => socket.resetAndDestroy(), large: true, ...isLost },
  { name: "close-at-first-byte", begun: (socket) => socket.destroy(), large: true, ...isLost },
  { name: "reset-instead-of-answer", asked: (socket) => socket.resetAndDestroy(), ...isLost },
  { name: "close-instead-of-answer", asked: (socket) => socket.destroy(), ...isLost },
  { name: "half-close-instead-of-answer", asked: (socket) => socket.end(), ...isLost },
  { name: "reset-in-status-line", asked: (socket) => writeThenReset(socket, "HTTP/1.1 20"), ...isLost },
  {
    name: "reset-in-headers",
    asked: (socket) => writeThenReset(socket, "HTTP/1.1 200 OK\r\ncontent-le"),
    ...isLost,
  },
  {
    name: "reset-in-body-of-200",
    asked: (socket) => writeThenReset(socket, `${head(200, ["content-length: 900"])}${verdict}`),
    destination: delivered,
    backend: { how: "invalid", reason: brokenOff },
  },
  {
    name: "reset-in-body-of-500",
    asked: (socket) => writeThenReset(socket, `${head(500, ["content-length: 900"])}begun`),
    destination: { state: "dead", status: 500, error: /^answered 500$/, response: /^begun$/ },
    backend: { how: "status", reason: /^answered 500$/ },
  },
  { name: "refused", address: refusing, ...isLost },
  { name: "never-accepted", address: blackHole, onLinux: true, ...isLate },
  { name: "accepted-and-not-read", accepted: (socket) => socket.pause(), large: true, ...isLate },
  { name: "not-read-to-its-end", begun: (socket) => socket.pause(), large: true, ...isLate },
  { name: "hang-instead-of-answer", ...isLate },
  { name: "hang-in-status-line", asked: (socket) => socket.write("HTTP/1.1 20"), ...isLate },
  { name: "hang-after-status-line", asked: (socket) => socket.write("HTTP/1.1 200 OK\r\n"), ...isLate },
  {
    name: "hang-in-headers",
    asked: (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n"),
    ...isLate,
  },
  {
    name: "hang-in-body-of-200",
    asked: (socket) => socket.write(`${head(200, ["content-length: 900"])}${verdict}`),
    destination: delivered,
    backend: isLate.backend,
  },
  {
    name: "hang-in-body-of-500",
    asked: (socket) => socket.write(`${head(500, ["content-length: 900"])}begun`),
    destination: { state: "dead", status: 500, error: /^answered 500$/, response: /^begun$/ },
    backend: { how: "status", reason: /^answered 500$/ },
  },
  { name: "drip-status-line", asked: (socket) => drip(socket, response(200)), ...isLate },
  {
    name: "drip-headers",
    asked: (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      drip(socket, `x: ${"x".repeat(60)}`);
    },
    ...isLate,
  },
  {
    name: "drip-body-of-200",
    asked: (socket) => {
      socket.write(head(200, ["content-length: 60"]));
      drip(socket, verdict.padEnd(60));
    },
    destination: delivered,
    backend: isLate.backend,
  },
  {
    name: "drip-body-of-500",
    asked: (socket) => {
      socket.write(head(500, ["content-length: 60"]));
      drip(socket, "x".repeat(60));
    },
    destination: { state: "dead", status: 500, error: /^answered 500$/, response: /^x?$/ },
    backend: { how: "status", reason: /^answered 500$/ },
  },
  {
    name: "200-before-the-request-is-read",
    begun: (socket) => {
      socket.pause();
      socket.write(response(200));
    },
    large: true,
    destination: delivered,
    backend: answered,
  },
  {
    name: "413-before-the-request-is-read",
    begun: (socket) => {
      socket.pause();
      socket.write(response(413));
    },
    large: true,
    destination: { state: "dead", status: 413, error: /^answered 413$/ },
    backend: { how: "status", reason: /^answered 413$/ },
  },
  {
    name: "413-and-close-in-mid-request",
    begun: (socket) => {
      socket.pause();
      socket.end(response(413, ["connection: close"]));
    },
    large: true,
    destination: { state: "dead", status: 413, error: /^answered 413$/ },
    backend: { how: "status", reason: /^answered 413$/ },
  },
  {
    name: "half-close-after-answer",
    asked: (socket) => socket.end(response(200, ["connection: keep-alive"])),
    destination: delivered,
    backend: answered,
  },
  {
    name: "dies-when-reused",
    asked: (socket, { nth }) => (nth === 1 ? socket.write(response(200)) : socket.resetAndDestroy()),
    destination: delivered,
    backend: answered,
  },
  {
    name: "dies-in-status-line-when-reused",
    asked: (socket, { nth }) =>
      nth === 1 ? socket.write(response(200)) : writeThenReset(socket, "HTTP/1.1 2"),
    destination: delivered,
    backend: answered,
  },
  {
    name: "no-such-host",
    address: unresolvable,
    destination: { state: "dead", status: null, error: /^no connection: / },
    backend: { how: "unreachable", reason: /^no connection: / },
  },
];
