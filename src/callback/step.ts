/** The steps in the life of a message, from the question whether it may be sent to its recall. */

/** By the end of the command's name. */
const steps = [
  [/\.CallbackBefore/, "asked"],
  [/AfterSendMsg$/, "sent"],
  [/(RecallMsg|WithDraw)$/, "recalled"],
  [/ModifyMsg$/, "edited"],
  [/(Receipt|MsgReport|ReadAll)$/, "read"],
  [/MsgExtension$/, "extended"],
  [/MsgException$/, "failed"],
] as const;

export type Step = (typeof steps)[number][1];

/** Empty if a command tells of no message. */
export function stepOf(command: string): Step | "" {
  return steps.find(([pattern]) => pattern.test(command))?.[1] ?? "";
}
