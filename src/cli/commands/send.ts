/** `tim-relay send`: signed example callbacks, as Tencent sends them, and their outcome. */
import { command } from "../command.ts";
import { listOf, number, positive, seconds, wholeNumber } from "../options.ts";

/** Longer than the 2 s after which Tencent gives up, so that the real time is shown. Seconds. */
const answerWithin = 10;

export const send = command(
  "send",
  "sends signed example callbacks, as Tencent does, and shows what became of them",
)
  .argument("[command]", "for example Group.CallbackAfterRecallMsg: see --list")
  .option("--url <url>", "where to (TIM_RELAY_URL, else http://localhost:PORT, with CALLBACK_PATH)")
  .option("--app <id>", "the SDKAppID (the first one of SDK_APP_ID)")
  .option("--token <token>", "signs with it (the first one of CALLBACK_TOKEN); empty: unsigned")
  .option("--set <path=value>", "changes the body: MsgSeqList[0].MsgSeq=7; may be given again", listOf)
  .option("--count <n>", "how many", wholeNumber, 1)
  .option("--concurrency <n>", "how many at a time", wholeNumber, 1)
  .option("--rate <n>", "how many a second at most", positive)
  .option("--timeout <seconds>", "how long an answer is waited for", seconds, answerWithin)
  .option("--wait <seconds>", "how long their outcome is waited for; 0: it is not shown", number, 2)
  .option("--all", "every command instead of one")
  .option("--list", "names the commands")
  .option("--json", "prints JSON")
  .addHelpText("after", "\nExample: npx tim-relay send Group.CallbackAfterRecallMsg --set GroupId=@TGS#7")
  .action(async (name, options) => {
    // Imported on demand: only this command needs Tencent's commands, and the others begin sooner.
    const { run } = await import("../send/run.ts");
    process.exitCode = await run(name, options);
  });
