/** Every activity by its name. */
import type { ActivityName } from "../plan.ts";
import type { Activity } from "./activity.ts";
import { droppingADay, retryingByAlarm } from "./aged.ts";
import { changingRules, forgetting, growing } from "./configured.ts";
import {
  batching,
  delivering,
  flushing,
  quarantining,
  receiving,
  retryingByTimer,
  starting,
} from "./loaded.ts";
import { replayingAPeriod, replayingDeadLetters, replayingEvents } from "./replaying.ts";
import { serving } from "./serving.ts";
import { steering } from "./steering.ts";
import { upgrading } from "./upgrading.ts";

export const activities: Readonly<Record<ActivityName, Activity>> = {
  receiving,
  flushing,
  delivering,
  "retrying by a timer": retryingByTimer,
  "retrying by the alarm": retryingByAlarm,
  "replaying an event": replayingEvents,
  "replaying dead letters": replayingDeadLetters,
  "replaying a period": replayingAPeriod,
  "dropping a day": droppingADay,
  growing,
  "changing rules": changingRules,
  steering,
  forgetting,
  quarantining,
  batching,
  starting,
  upgrading,
  serving,
};
