/** A gateway of two shards with two destinations: `good` takes every event, and `bad` refuses every one. */
import { type Settings, startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";

export async function startGoodAndBad(more: Settings = {}) {
  const [good, bad] = [await startReceiver(), await startReceiver(reply(500))];
  const settings = {
    SHARDS: 2,
    ...more,
    FORWARD_RULES: [
      { name: "good", url: good.url },
      { name: "bad", url: bad.url, retry: [] },
    ],
  };
  const gateway = await startGateway(settings);
  return {
    gateway,
    /** Sends events of different groups, numbered from one number to before another. */
    async accept(from: number, to: number): Promise<void> {
      for (let id = from; id < to; id++)
        await gateway.accept("Group.CallbackAfterRecallMsg", {
          GroupId: `@TGS#${id}`,
          MsgSeqList: [{ MsgSeq: 7 }],
        });
    },
    /** Ends the gateway in order, and starts it again with the same settings. */
    async startAgain(): Promise<void> {
      await gateway.stop();
      await gateway.start(settings);
    },
  };
}
