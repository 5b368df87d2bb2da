/** Erasing an account from the kept events. */
import * as v from "valibot";
import { hex, sha256 } from "../../callback/sha256.ts";
import { log } from "../../log.ts";
import { say } from "../../sentence.ts";
import type { ErasurePart } from "../../shard/erase/eraser.ts";
import { askAll, askOne, mustAllAnswer, type Place } from "../ask-each.ts";
import { orderToAll } from "../order-to-all.ts";
import { route } from "../route.ts";
import { clusterState } from "../shards.ts";

/** Longer names are no account of Tencent's, which have 32 bytes at most. Characters. */
const longestAccount = 512;

const expected = say`expected an account, a text of 1 to ${longestAccount} characters`;

const startErasure = route(
  {
    method: "POST",
    path: "/api/erase",
    operation: "eraseAccount",
    access: "admin",
    body: () => ({
      account: v.pipe(
        v.string(expected),
        v.check((given) => given !== "" && given.length <= longestAccount, expected),
        v.description("The account, as callbacks name it."),
      ),
    }),
    status: 202,
    action: { name: "erased", target: ({ body }) => digestOf(body.account) },
  },
  async ({ body: { account }, ...place }) => {
    const started = Date.now();
    const id = newId(started);
    const target = await digestOf(account);
    const parts = await countedParts(account, place);
    const asked = { id, target, account, started };
    await orderToAll(parts, place, (stub) => stub.startErasure(asked, parts));
    const matched = parts.reduce((sum, part) => sum + part.matched, 0);
    log.info("erase", { id, target, matched });
    return { id, matched };
  },
);

export const eraseRoutes = [startErasure];

/** The parts of all shards that there are now. */
async function countedParts(account: string, place: Place): Promise<ErasurePart[]> {
  const { env, config } = place;
  const advice = say`nothing is erased, ask again later`;
  await askOne(place, 0, "erase", () => clusterState(env, config), { advice });
  await mustAllAnswer(place, "erase", advice);
  return askAll(place, "erase", (stub) => stub.countErasure(account), { advice, long: true });
}

/** Ids sort by time. */
function newId(now: number): string {
  const chance = crypto.getRandomValues(new Uint32Array(1))[0]!;
  return `ers_${now.toString(36)}${chance.toString(36).padStart(7, "0")}`;
}

/** The first 8 hexadecimal digits of the account's SHA-256: no list and no log names the account. */
async function digestOf(account: string): Promise<string> {
  return hex((await sha256(account)).subarray(0, 4));
}
