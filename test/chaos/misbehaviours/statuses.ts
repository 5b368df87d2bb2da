/** Answers in good form that ask for something odd: redirects, challenges, waits, cookies, echoes. */
import { head, type Meeting, type Misbehaviour, response } from "../misbehaviour.ts";
import { delivered, fails, isAnswered } from "./endings.ts";

function answering(status: number, ...headers: string[]): Meeting {
  return (socket) => socket.write(response(status, headers), "latin1");
}

function refused(name: string, status: number, headers: string[], error: RegExp): Misbehaviour {
  return {
    name,
    asked: answering(status, ...headers),
    destination: { state: "dead", status, error },
    backend: { how: "status", reason: error },
  };
}

const places = {
  private: ["http://192.168.0.1/", /^answered \d+ to 192\.168\.0\.1: redirects are not followed$/],
  metadata: [
    "http://169.254.169.254/latest",
    /^answered \d+ to 169\.254\.169\.254: redirects are not followed$/,
  ],
  itself: ["/", /^answered \d+ to itself: redirects are not followed$/],
  nowhere: [null, /^answered \d+: redirects are not followed$/],
} as const;

function redirects(): Misbehaviour[] {
  return [301, 302, 303, 307, 308].flatMap((status) =>
    Object.entries(places).map(([place, [location, error]]) =>
      refused(
        `redirect-${status}-${place}`,
        status,
        location === null ? [] : [`location: ${location}`],
        error,
      ),
    ),
  );
}

const aDay = /and asked to wait 86400 s$/;
const atOnce = /and asked to wait 0 s$/;
const unasked = /^answered (429|503)$/;

/** `Retry-After` as it should not be. */
const retryAfters: [name: string, values: string[], error: RegExp][] = [
  ["negative", ["-1"], unasked],
  ["not-a-number", ["NaN"], unasked],
  ["in-exponents", ["1e9"], unasked],
  ["a-billion", ["1000000000"], aDay],
  ["of-400-digits", ["9".repeat(400)], aDay],
  ["of-a-fraction", ["1.5"], unasked],
  ["in-words", ["5 seconds"], unasked],
  ["empty", [""], unasked],
  ["zero", ["0"], atOnce],
  ["in-the-past", ["Thu, 01 Jan 1970 00:00:00 GMT"], atOnce],
  ["in-the-year-9999", ["Fri, 31 Dec 9999 23:59:59 GMT"], aDay],
  ["on-no-day", ["Sun, 31 Feb 2027 00:00:00 GMT"], unasked],
  ["in-iso", ["2030-01-01T00:00:00Z"], unasked],
  ["several", ["1", "100000"], unasked],
  ["non-ascii", ["\xb2"], unasked],
];

export const statuses: readonly Misbehaviour[] = [
  ...redirects(),
  refused("redirect-300", 300, ["location: http://10.0.0.1/"], /^answered 300 to 10\.0\.0\.1: /),
  refused("redirect-to-a-script", 302, ["location: javascript:alert(1)"], /^answered 302: /),
  refused(
    "redirect-of-60-kb",
    302,
    [`location: http://${"x".repeat(60_000)}/`],
    /^answered 302.{0,130}: redirects are not followed$/,
  ),
  refused("redirect-non-ascii", 302, ["location: http://\xff\xfe/"], /^answered 302.*: /),
  refused("challenge-401", 401, ['www-authenticate: Basic realm="chaos"'], /^answered 401$/),
  refused("challenge-401-ntlm", 401, ["www-authenticate: NTLM"], /^answered 401$/),
  refused("challenge-407", 407, ['proxy-authenticate: Basic realm="chaos"'], /^answered 407$/),
  refused("upgrade-426", 426, ["upgrade: HTTP/2.0", "connection: upgrade"], /^answered 426$/),
  ...[429, 503].flatMap((status) =>
    retryAfters.map(([name, values, error]) =>
      refused(
        `retry-after-${status}-${name}`,
        status,
        values.map((value) => `retry-after: ${value}`),
        error,
      ),
    ),
  ),
  {
    ...refused("gone-410", 410, [], /^answered 410: it wants no more events$/),
    destination: { state: "pending", status: 410, error: /^answered 410: it wants no more events$/ },
  },
  refused("loop-508", 508, [], /^answered 508: .*\(a loop\)$/),
  {
    name: "cookies",
    asked: answering(200, "set-cookie: a=b; path=/", "set-cookie: c=d"),
    ...isAnswered,
  },
  {
    name: "content-type-odd",
    asked: answering(200, 'content-type: text/html text/plain; charset=utf-7; charset="'),
    ...isAnswered,
  },
  {
    name: "content-type-utf-16",
    asked: answering(200, "content-type: application/json; charset=utf-16"),
    ...isAnswered,
  },
  {
    name: "echo",
    asked: (socket, request) => socket.write(response(500, ["content-type: text/plain"], request.head)),
    destination: { ...fails(500).destination, response: /\*\*\*/ },
    backend: fails(500).backend,
  },
  {
    name: "echo-cut-at-4-kb",
    asked: (socket, request) => socket.write(response(500, [], secretAt(4_090, request.head))),
    destination: { ...fails(500).destination, response: /^x{4090}\*\*\*$/ },
    backend: fails(500).backend,
  },
  {
    name: "echo-in-location",
    asked: (socket, request) =>
      socket.write(
        head(302, [`location: https://${credential(request.head)}.example.com/`, "content-length: 0"]),
      ),
    destination: { state: "dead", status: 302, error: /^answered 302 to \*\*\*\.example\.com: / },
    backend: { how: "status", reason: /^answered 302 to \*\*\*\.example\.com: / },
  },
  {
    name: "echo-as-verdict",
    asked: (socket, request) =>
      socket.write(
        response(
          200,
          [],
          JSON.stringify({ ErrorCode: 1, [credential(request.head)]: credential(request.head) }),
        ),
      ),
    destination: delivered,
    backend: { how: "answered", reason: /^\*\*\* is not allowed here$/ },
  },
];

/** The secret of the header `authorization`. */
function credential(head: string): string {
  return /^authorization: Bearer (\S+)/im.exec(head)?.[1] ?? "";
}

function secretAt(position: number, head: string): string {
  return "x".repeat(position) + credential(head).repeat(2);
}
