/** Starts with another configuration, while events wait: one more shard, another rule, a rule that is gone. */
import { hang } from "../../support/receiver.ts";
import { dawdle, slowly } from "../destinations.ts";
import { waitsIn } from "../history.ts";
import { unanswered } from "../ledger.ts";
import type { Activity } from "./activity.ts";

/** One more shard, while events wait for a destination on the shards that were there. */
export const growing: Activity = {
  async begin(round, { share }) {
    round.receivers.get("ordered")!.answer = hang;
    await round.pour().ended;
    round.shards++;
    await round.restart();
    const load = round.pour();
    round.answer(dawdle(round.plan));
    await round.acknowledged(1 + share * 30, load);
    const { shards } = round;
    return {
      // The number of shards is agreed on, or the new shard is made, or the old ones work off their events.
      struck: (scene) => {
        const states = new Set(scene.books.map(({ cluster }) => cluster?.shards));
        return states.size > 1 || scene.books.length < shards || waitsIn(scene.books, "ordered");
      },
    };
  },
};

/** The kinds of changes, each with the rule's keys afterwards; null: there is no rule. */
const changes = {
  removed: () => null,
  renamed: () => null,
  /** A further rule is there for one start, in which no event comes, and returns at the end. */
  glimpsed: (keys: object) => keys,
  wrong: (keys: object) => ({ ...keys, secret: "$SECRET_OF_THE_RULE" }),
  off: (keys: object) => ({ ...keys, enabled: false }),
  moved: (keys: object, url: string) => ({ ...keys, url: `${url}moved` }),
  ordered: (keys: object) => ({ ...keys, order: "conversation" }),
  unordered: (keys: object) => ({ ...keys, order: "none" }),
} as const;
const kinds = Object.keys(changes) as (keyof typeof changes)[];

export const changingRules: Activity = {
  async begin(round, { share }) {
    const { chance, events, turn } = round.plan;
    const change = kinds[(turn + round.kills) % kinds.length]!;
    const name = change === "unordered" ? "ordered" : chance.pick(["plain", "ordered", "batched"]);
    const receiver = round.receivers.get(name)!;
    round.rules = new Map(round.lasting);
    receiver.answer = slowly(round.plan, 100);
    const load = round.pour();
    await round.acknowledged(events / 2, load);
    await round.kill();

    const keys = changes[change](round.lasting.get(name)!, receiver.url);
    if (keys) round.rules.set(name, keys);
    else round.rules.delete(name);
    if (change === "moved" || change === "ordered" || change === "unordered") round.lasting.set(name, keys!);
    if (change === "off") round.constant.delete(name);
    const added = `${name}-${round.kills}`;
    if (change === "renamed" || change === "glimpsed") {
      await round.receiver(added);
      for (const rules of [round.rules, round.lasting]) rules.set(added, round.lasting.get(name)!);
    }
    await round.start();
    if (change === "glimpsed") {
      // Every shard is asked, and sees the name.
      await round.host.health();
      round.rules.delete(added);
      await round.restart();
    }
    if (change === "ordered" && name === "plain") round.orderedSince.set(name, Date.now());
    if (change === "unordered") round.orderedSince.set(name, Infinity);
    const second = round.pour();
    await round.acknowledged(1 + share * 60, second);
    return { struck: (scene) => waitsIn(scene.books, name) };
  },
};

/** A rule is removed, its events wait, and its name is forgotten. */
export const forgetting: Activity = {
  async begin(round, { share }) {
    const { ledger, host, lasting } = round;
    round.rules = new Map(lasting);
    round.receivers.get("plain")!.answer = hang;
    await round.pour().ended;
    round.rules.delete("plain");
    await round.restart();
    const load = round.pour();
    await round.acknowledged(1 + share * 60, load);
    round.forget("plain");
    let answered = false;
    ledger.call("forget", host.forget("plain")).then((answer) => {
      if (answer === unanswered) return;
      answered = true;
      if (answer.status !== 200) round.problems.push(`forgetting was answered ${answer.status}`);
    });
    return {
      struck: ({ calls }) => calls.includes("forget"),
      async after() {
        const listed = (await host.destinations()).find(({ name }) => name === "plain");
        if (answered && listed) round.problems.push(`plain is forgotten, and ${listed.waiting} events wait`);
      },
    };
  },
};
