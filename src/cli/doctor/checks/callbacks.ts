/** Checks of the callback URL: would Tencent's callbacks be accepted, and only Tencent's. */
import { check, problem, warning } from "../check.ts";
import { refusalOf, secondsOff } from "../probe.ts";

/** So many refusals within the hour are no news: strangers and this program cause a few. */
const noNews = 10;

const signature = check({
  name: "signature",
  looksAt: "whether a callback signed with our CALLBACK_TOKEN is accepted",
  means: "Callbacks that Tencent signs with this token are refused, and by default none is sent again.",
  mend: "Let CALLBACK_TOKEN be the same in Tencent's console, at the gateway and here; so, too, SDK_APP_ID and CALLBACK_PATH.",
  needs: ["signed"],
  well: ({ signed: { length } }) => (length > 1 ? `all ${length} tokens are accepted` : "is accepted"),
  faults: ({ signed }) =>
    signed.flatMap((answer, index) => {
      // A wrong time shows that the signature was right: the check of the clocks says so.
      if (answer.status === 200 || secondsOff(answer) !== null) return [];
      const which = signed.length > 1 ? `signed with token ${index + 1} of ${signed.length} ` : "";
      return [problem(`a callback ${which}${refusalOf(answer)}`)];
    }),
});

const forgery = check({
  name: "forgery",
  looksAt: "whether a callback with a wrong signature is refused",
  means: "Anybody with the URL can send callbacks that the gateway takes for Tencent's.",
  mend: "Turn on authentication in Tencent's console, and set the same token as CALLBACK_TOKEN at the gateway.",
  needs: ["forged"],
  well: () => "is refused",
  faults: ({ forged }) =>
    forged.status === 200 ? [warning("signatures are not checked: a forged callback is accepted")] : [],
});

const oldToken = check({
  name: "old token",
  looksAt: "whether callbacks come that an older token has signed",
  means: "A sender does not have the first token of CALLBACK_TOKEN: a rotation has not ended.",
  mend: "Set the first token in Tencent's console, also for Live and Call. The warning ends two hours after the last such callback.",
  needs: ["oldToken"],
  well: () => "none in the last two hours",
  faults({ oldToken }) {
    if (oldToken === null) return [];
    const which = oldToken.position === null ? "another than the first token" : `token ${oldToken.position}`;
    return [warning(`callbacks are signed with ${which}, last told at ${oldToken.at}`)];
  },
});

const rotation = check({
  name: "rotation",
  looksAt: "whether several callback tokens are accepted",
  means: "The old token opens the gateway as the new one does.",
  mend: "Once no callback comes that an older token has signed, remove it from CALLBACK_TOKEN.",
  needs: ["signed", "forged"],
  well: () => "one token is accepted",
  faults({ signed, forged }) {
    const accepted = signed.filter(({ status }) => status === 200).length;
    return accepted < 2 || forged.status === 200 ? [] : [warning(`${accepted} tokens are accepted`)];
  },
});

const refused = check({
  name: "refusals",
  looksAt: "callbacks that were refused in the last hour",
  means: "A sender has another token or app, or it is not Tencent. What Tencent sends so is lost.",
  mend: "Compare token, SDKAppID and path with Tencent's console. The gateway's log names the reason of each refusal.",
  needs: ["stats"],
  well: () => "hardly any",
  faults({ stats }) {
    const sums = new Map<string, number>();
    for (const { rejected } of stats.minutes)
      for (const [reason, times] of Object.entries(rejected))
        sums.set(reason, (sums.get(reason) ?? 0) + times);
    return [...sums]
      .filter(([, times]) => times > noNews)
      .map(([reason, times]) => warning(`${times} were refused because of their ${reason}`));
  },
});

export const callbackChecks = [signature, forgery, oldToken, rotation, refused];
