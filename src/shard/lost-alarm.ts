/**
 * An alarm that the runtime has lost: its file of alarms is gone, while the object's storage still holds the alarm's
 * time. The alarm must then be deleted before it is set again.
 */

/** Set by `npm run serve` where the runtime's file of alarms is gone. */
type AlarmsLost = { TIM_RELAY_ALARMS_LOST?: string };

/** The part of the platform's object state that this needs. */
interface AlarmState {
  readonly storage: { deleteAlarm(): Promise<void>; sync(): Promise<void> };
  waitUntil(promise: Promise<unknown>): void;
}

/**
 * The shards that have set their lost alarm again, by index. The setting stays as long as the process, and so does the
 * isolate. A later start may be caused by the alarm itself: if it deleted the alarm, the runtime would not run it.
 */
const setAgain = new Set<number>();

/** @param start starts the shard, and sets its alarm */
export async function startWithAlarm(
  env: Env,
  shard: number,
  state: AlarmState,
  start: () => Promise<void>,
): Promise<void> {
  const isLost = (env as AlarmsLost).TIM_RELAY_ALARMS_LOST !== undefined && !setAgain.has(shard);
  if (isLost) {
    await state.storage.deleteAlarm();
    // In one transaction, deleting an alarm and setting it to its old time change nothing for the runtime.
    await state.storage.sync();
  }
  await start();
  // A start whose rows do not become durable leaves the lost alarm as it was.
  if (isLost) state.waitUntil(state.storage.sync().then(() => setAgain.add(shard)));
}
