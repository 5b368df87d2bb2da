/** Connections that end, hang or drip at every point of an exchange. */
import { blackHole, refusing, unresolvable } from "../addresses.ts";
import { drip, head, type Misbehaviour, response, verdict, writeThenReset } from "../misbehaviour.ts";
import { brokenOff, delivered, fails, isAnswered, isLost } from "./endings.ts";

/** No answer until the time is up. */
const isLate = {
  destination: { state: "dead", status: null, error: /^no answer after \d+ ms$/ },
  backend: { how: "timeout", reason: /^no verdict within \d+ ms$/ },
} as const;

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
    backend: brokenOff,
  },
  {
    name: "reset-in-body-of-500",
    asked: (socket) => writeThenReset(socket, `${head(500, ["content-length: 900"])}begun`),
    // A text that ends in the middle may end with the beginning of a secret: a signature begins with an n now and then.
    destination: { ...fails(500).destination, response: /^begu(n|\*\*\*)$/ },
    backend: fails(500).backend,
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
    // A text that ends in the middle may end with the beginning of a secret: a signature begins with an n now and then.
    destination: { ...fails(500).destination, response: /^begu(n|\*\*\*)$/ },
    backend: fails(500).backend,
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
    destination: { ...fails(500).destination, response: /^x{0,4}$/ },
    backend: fails(500).backend,
  },
  {
    name: "200-before-the-request-is-read",
    begun: (socket) => {
      socket.pause();
      socket.write(response(200));
    },
    large: true,
    ...isAnswered,
  },
  {
    name: "413-before-the-request-is-read",
    begun: (socket) => {
      socket.pause();
      socket.write(response(413));
    },
    large: true,
    ...fails(413),
  },
  {
    name: "413-and-close-in-mid-request",
    begun: (socket) => {
      socket.pause();
      socket.end(response(413, ["connection: close"]));
    },
    large: true,
    ...fails(413),
  },
  {
    name: "half-close-after-answer",
    asked: (socket) => socket.end(response(200, ["connection: keep-alive"])),
    ...isAnswered,
  },
  {
    name: "dies-when-reused",
    asked: (socket, { nth }) => (nth === 1 ? socket.write(response(200)) : socket.resetAndDestroy()),
    ...isAnswered,
  },
  {
    name: "dies-in-status-line-when-reused",
    asked: (socket, { nth }) =>
      nth === 1 ? socket.write(response(200)) : writeThenReset(socket, "HTTP/1.1 2"),
    ...isAnswered,
  },
  {
    name: "no-such-host",
    address: unresolvable,
    destination: { state: "dead", status: null, error: /^no connection: / },
    backend: { how: "unreachable", reason: /^no connection: / },
  },
];
