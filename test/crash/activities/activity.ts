import type { Moment } from "../plan.ts";
import type { Round, Scene } from "../round.ts";

/** A kind of work that kills strike. */
export interface Activity {
  /** Sets rules and settings before the gateway is started. */
  set?(round: Round): void;
  /** Starts the gateway and its destinations. Absent: the usual ones, on an empty folder. */
  open?(round: Round): Promise<void>;
  /** Begins the activity, and resolves at its event: the kill comes next. */
  begin(round: Round, moment: Moment): Promise<Strike>;
  /** Before the last start: everything that waits must be delivered after it. */
  end?(round: Round): void;
}

export interface Strike {
  /** Whether the kill came while the activity was going on. */
  struck(scene: Scene): boolean;
  /** Before the gateway starts again, after the last kill. */
  before?(scene: Scene): void;
  /** Once the gateway runs again. */
  after?(scene: Scene): Promise<void>;
}
