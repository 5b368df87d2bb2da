/** Every misbehaviour. */
import type { Misbehaviour } from "./misbehaviour.ts";
import { bodies } from "./misbehaviours/bodies.ts";
import { connections } from "./misbehaviours/connections.ts";
import { heads } from "./misbehaviours/heads.ts";
import { statuses } from "./misbehaviours/statuses.ts";

export const misbehaviours: readonly Misbehaviour[] = [...connections, ...heads, ...bodies, ...statuses];
