/** The switch for a moderation that went wrong: a paused rule decides nothing. */
import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { Confirm } from "../parts/dialog.tsx";
import { tell } from "../parts/message.tsx";
import { session } from "../session.ts";
import { text } from "./text.ts";

interface Props {
  /** Of an ask or answer rule. */
  name: string;
  isPaused: boolean;
  onChange(): void;
}

export function PauseSwitch({ name, isPaused, onChange }: Props) {
  const isAsking = useSignal(false);
  const { pause, resume, pauseTitle, pauseMeaning, resumeTitle, resumeMeaning, paused, resumed } = text.value;
  const action = isPaused ? resume : pause;
  const change = async () => {
    const current = session.peek();
    if (current.state !== "signed in") return;
    const path = isPaused ? "/api/destinations/{name}/resume" : "/api/destinations/{name}/pause";
    await current.relay.post(path, { path: { name } });
    tell("ok", (isPaused ? resumed : paused)(name));
    onChange();
  };
  return (
    <>
      <Button icon={isPaused ? "play" : "pause"} onPress={() => (isAsking.value = true)}>
        {action}
      </Button>
      {isAsking.value && (
        <Confirm
          title={(isPaused ? resumeTitle : pauseTitle)(name)}
          action={action}
          grave={!isPaused}
          onConfirm={change}
          onClose={() => (isAsking.value = false)}
        >
          <p>{isPaused ? resumeMeaning : pauseMeaning}</p>
        </Confirm>
      )}
    </>
  );
}
