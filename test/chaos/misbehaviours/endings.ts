/** The endings that many misbehaviours share, as a destination and as a backend. */

/** The answer's head says all that a destination has to say; a verdict needs the body. */
export const delivered = { state: "delivered", status: 200, error: null } as const;

export const isAnswered = { destination: delivered, backend: { how: "answered" } } as const;

const lost =
  /^the connection was refused, was closed before an answer came, or the answer was not valid HTTP$/;

/** No answer: the connection is lost. */
export const isLost = {
  destination: { state: "dead", status: null, error: lost },
  backend: { how: "unreachable", reason: lost },
} as const;

/** The body ends before it is whole. */
export const brokenOff = {
  how: "invalid",
  reason: /^the connection was closed before the answer was whole$/,
} as const;

/** A status that is a failure, and shows that HTTP is spoken. */
export function fails(status: number) {
  const error = new RegExp(`^answered ${status}$`);
  return {
    destination: { state: "dead", status, error },
    backend: { how: "status", reason: error },
  } as const;
}
