/** All that a first deployment says, in both languages. */
import type { Language } from "./language.ts";
import type { DataCentre } from "./places.ts";

const en = {
  /** Between the items of a list. */
  separator: ", ",
  canLeave: "Ctrl-C leaves. Your answers are kept, and the same command takes them up again.",
  takenUp: (file: string) => `Your answers in ${file} are taken up. --again asks anew.`,
  otherEnvironment: (file: string) =>
    `${file} holds the setup of another environment: finish it without --env, or forget it by --again`,
  otherApp: (file: string, apps: string) =>
    `${file} holds the setup of ${apps}, whose deploy was begun: finish it without --app, or forget it by --again`,
  fromEnvironment: (name: string) => `${name} comes from the environment.`,
  stands: (file: string, names: string) => `${file} decides already: ${names}.`,
  rulesNamed: (names: string) => `rules (${names})`,
  rulesElsewhere: (file: string, own: string) =>
    `${file} has rules, which rules in ${own} would replace: move them to ${own} first, or leave --to out`,

  apps: "SDKAppID of your app in Tencent's Chat console; several are separated by commas",
  appsWrong: "Enter numbers, separated by commas",
  environment: "Environment; leave it empty for production",
  environmentWrong: "Enter a name of a-z, 0-9 and -, 40 characters at most",
  location: "Data centre of your app. Storage is created near it, and never moves",
  locationWrong: (known: string) => `Give one of ${known}, or none`,
  dataCentres: {
    china: "China",
    singapore: "Singapore",
    seoul: "Seoul",
    tokyo: "Tokyo",
    frankfurt: "Frankfurt",
    siliconValley: "Silicon Valley",
    jakarta: "Jakarta",
  } satisfies Record<DataCentre, string>,
  otherPlace: "another one: Cloudflare chooses the place",
  path: "Path of the callback URL; an unguessable one is a further secret",
  pathWrong: "Enter a path such as /tim, which is none of tim-relay's own",
  token: "Token with which Tencent signs callbacks",
  tokenMade: "make a new one",
  tokenGiven: "enter the one that the console has",
  tokenValue: "Token of the console",
  tokenWrong: "Enter a token without blanks and commas, which is no sample of .dev.vars.example",
  adminTokenWrong: "Enter a token of A-Z, a-z, 0-9 and . _ ~ -, which is no sample of .dev.vars.example",
  destination: "First destination of the events",
  toBackend: "a backend with an address",
  toListener: "a program that connects by itself: npx tim-relay listen",
  toNone: "none yet: events are kept and shown",
  url: "Address of the backend",
  urlWrong: "Enter an address such as https://audit.example.com/tim",
  name: "Name of the destination",
  nameWrong: "Enter 1 to 40 characters of a-z, 0-9 and -",
  nameTaken: "The name is that of another rule",
  secret: (name: string) => `Value of the secret ${name}, which your rules mention`,
  secretWrong: "Enter a value",
  domain: "Host of your own under a zone at Cloudflare; leave it empty for an address of workers.dev",
  domainWrong: "Enter a host such as tim.example.com",
  account: "Account at Cloudflare",

  missing: (flags: string) => `without a terminal, each answer is an option; these are missing: ${flags}`,
  inEnvironment: (name: string) => `${name} in the environment`,
  wrong: (flag: string, sentence: string) => `${flag}: ${sentence}`,

  plan: "This will be done:",
  write: (file: string, isNew: boolean) => (isNew ? `Write ${file}` : `Change ${file}`),
  deploy: (worker: string, secrets: string) => `Deploy the Worker ${worker} with the secrets ${secrets}`,
  secretsFile: (file: string) =>
    `The secrets stand in ${file} meanwhile, which only you can read, and which is removed afterwards.`,
  wait: "Wait until the gateway answers",
  callback: (command: string) =>
    `Send a first callback, a signed example of ${command}, which goes to the destinations too`,
  print: "Print what to enter in Tencent's console, and the tokens",
  dryRun: "A dry run: nothing was done.",
  confirm: "Do it?",
  yes: "yes",
  no: "no",
  left: (file: string) => `Left. Your answers are in ${file}: the same command takes them up again.`,
  leftEmpty: "Left. Nothing was done.",
  during: "left during the deploy: the same command repeats it with the same secrets",

  checking: "Asking wrangler for your account at Cloudflare …",
  notLoggedIn:
    "Wrangler is not logged in at Cloudflare. Run npx wrangler login, or set CLOUDFLARE_API_TOKEN to a token made from the template Edit Cloudflare Workers. Then run the same command again.",
  wranglerFailed: (message: string) => `wrangler whoami failed: ${message}`,
  secretsUnknown: (worker: string, message: string) =>
    `whether the Worker ${worker} has secrets already is not known: wrangler secret list failed: ${message}`,
  exists: (worker: string, secrets: string) =>
    `the Worker ${worker} exists already, with the secrets ${secrets}: npm run deploy renews it. --replace gives it new secrets; until Tencent's console has the new token, callbacks are refused`,
  deployFailed: (code: number | null) => `the deploy ended with code ${code}`,
  again: "Mend that, and run the same command again: it goes on with the same answers.",
  noUrl:
    "wrangler names no address of the Worker: wrangler.toml has routes of its own; npx tim-relay doctor --url checks one",
  remedies: {
    subdomain:
      "Your account has no address at workers.dev yet. Open Workers & Pages in Cloudflare's dashboard once, or give --domain.",
    login:
      "Cloudflare refuses the login. Run npx wrangler login, or make a token from the template Edit Cloudflare Workers.",
    email: "Confirm your e-mail address in Cloudflare's dashboard.",
    network: "Cloudflare cannot be reached from here.",
    zone: "The domain must be in a zone of this account, and its host must have no DNS record yet.",
  },
  unhealthy: (url: string, reason: string) =>
    `${url}/health does not answer as a gateway: ${reason}. A new address may take some minutes`,
  answers: (url: string, version: string) => `${url} answers: tim-relay ${version}.`,
  problem: (sentence: string) => `It names a problem: ${sentence}`,
  callbackRefused: (answer: string) => `The first callback was not accepted: ${answer}`,
  kept: (id: string) => `The first callback is kept as ${id}.`,
  keptUnseen: "The first callback is kept.",
  delivered: (name: string, outcome: string) => `Destination ${name}: ${outcome}.`,

  consoleTitle: "Enter this in Tencent's Chat console, in the callback settings of your app:",
  consoleUrl: "Callback URL",
  consoleToken: "Authentication, token",
  consoleSwitches: "Callbacks to switch on",
  allSwitches: "each that you want; of those before an action only the ones that a rule decides on",
  secretsTitle: "Shown this once. Store them in a password manager:",
  destinationSecret: (name: string) => `${name}, with which your backend verifies`,
  nextTitle: "Next:",
  dashboard: "The dashboard, which asks for ADMIN_TOKEN",
  doctor: "The doctor, with the values above",
  listen: "Your listener",
  deployAgain: "Deploy again after each change of tim-relay.jsonc",
};

export type Texts = typeof en;

const zh: Texts = {
  separator: "、",
  canLeave: "按 Ctrl-C 可随时离开。您的回答会保留，再次运行同一命令即可继续。",
  takenUp: (file) => `沿用 ${file} 中的回答。--again 重新提问。`,
  otherEnvironment: (file) => `${file} 中是另一个环境的部署：请不带 --env 完成它，或用 --again 丢弃它`,
  otherApp: (file, apps) =>
    `${file} 中是 ${apps} 的部署，并且已经开始：请不带 --app 完成它，或用 --again 丢弃它`,
  fromEnvironment: (name) => `${name} 取自环境变量。`,
  stands: (file, names) => `${file} 已经决定：${names}。`,
  rulesNamed: (names) => `rules（${names}）`,
  rulesElsewhere: (file, own) =>
    `${file} 中有规则，${own} 中的规则会替换它们：请先把它们移到 ${own}，或者不用 --to`,

  apps: "腾讯云即时通信 IM 控制台中应用的 SDKAppID，多个用逗号分隔",
  appsWrong: "请输入数字，用逗号分隔",
  environment: "环境，留空表示生产环境",
  environmentWrong: "请输入由 a-z、0-9 和 - 组成的名称，最多 40 个字符",
  location: "应用所在的数据中心。存储会建在它附近，以后不再移动",
  locationWrong: (known) => `请给出 ${known} 之一，或 none`,
  dataCentres: {
    china: "中国",
    singapore: "新加坡",
    seoul: "首尔",
    tokyo: "东京",
    frankfurt: "法兰克福",
    siliconValley: "硅谷",
    jakarta: "雅加达",
  },
  otherPlace: "其他：由 Cloudflare 选择位置",
  path: "回调 URL 的路径；难以猜测的路径又是一道密钥",
  pathWrong: "请输入 /tim 这样的路径，且不是 tim-relay 自己的路径",
  token: "腾讯云签名回调所用的令牌",
  tokenMade: "生成新的",
  tokenGiven: "输入控制台已有的",
  tokenValue: "控制台的令牌",
  tokenWrong: "请输入不含空格和逗号的令牌，且不是 .dev.vars.example 的示例值",
  adminTokenWrong: "请输入由 A-Z、a-z、0-9 和 . _ ~ - 组成的令牌，且不是 .dev.vars.example 的示例值",
  destination: "事件的第一个目标",
  toBackend: "有地址的后端",
  toListener: "自行连接的程序：npx tim-relay listen",
  toNone: "暂无：事件只保存和显示",
  url: "后端的地址",
  urlWrong: "请输入 https://audit.example.com/tim 这样的地址",
  name: "目标的名称",
  nameWrong: "请输入 1 到 40 个字符，由 a-z、0-9 和 - 组成",
  nameTaken: "这是另一条规则的名称",
  secret: (name) => `规则提到的密钥 ${name} 的值`,
  secretWrong: "请输入一个值",
  domain: "您在 Cloudflare 的域名下的主机名；留空则使用 workers.dev 的地址",
  domainWrong: "请输入 tim.example.com 这样的主机名",
  account: "Cloudflare 账号",

  missing: (flags) => `没有终端时，每个回答都由选项给出；缺少：${flags}`,
  inEnvironment: (name) => `环境变量 ${name}`,
  wrong: (flag, sentence) => `${flag}：${sentence}`,

  plan: "将要执行：",
  write: (file, isNew) => (isNew ? `写入 ${file}` : `修改 ${file}`),
  deploy: (worker, secrets) => `部署 Worker ${worker}，并设置密钥 ${secrets}`,
  secretsFile: (file) => `部署期间密钥放在 ${file} 中，只有您能读取，之后即删除。`,
  wait: "等待网关应答",
  callback: (command) => `发送第一个回调：${command} 的签名示例，目标也会收到`,
  print: "显示要在腾讯云控制台填写的内容和令牌",
  dryRun: "这是演练：什么都没有执行。",
  confirm: "执行吗？",
  yes: "是",
  no: "否",
  left: (file) => `已离开。您的回答保存在 ${file} 中，再次运行同一命令即可继续。`,
  leftEmpty: "已离开。什么都没有执行。",
  during: "部署中途离开：再次运行同一命令会用相同的密钥重新部署",

  checking: "正在向 wrangler 查询您的 Cloudflare 账号……",
  notLoggedIn:
    "wrangler 尚未登录 Cloudflare。请运行 npx wrangler login，或把 CLOUDFLARE_API_TOKEN 设为用 Edit Cloudflare Workers 模板创建的令牌，然后再次运行同一命令。",
  wranglerFailed: (message) => `wrangler whoami 失败：${message}`,
  secretsUnknown: (worker, message) =>
    `无法得知 Worker ${worker} 是否已有密钥：wrangler secret list 失败：${message}`,
  exists: (worker, secrets) =>
    `Worker ${worker} 已经存在，并有密钥 ${secrets}：npm run deploy 可更新它。--replace 会换上新的密钥；在腾讯云控制台填写新令牌之前，回调会被拒绝`,
  deployFailed: (code) => `部署以代码 ${code} 结束`,
  again: "请解决后再次运行同一命令：它会用相同的回答继续。",
  noUrl:
    "wrangler 没有给出 Worker 的地址：wrangler.toml 有自己的路由；npx tim-relay doctor --url 可检查某个地址",
  remedies: {
    subdomain:
      "您的账号还没有 workers.dev 地址。请在 Cloudflare 控制台打开一次 Workers & Pages，或使用 --domain。",
    login: "Cloudflare 拒绝登录。请运行 npx wrangler login，或用 Edit Cloudflare Workers 模板创建令牌。",
    email: "请在 Cloudflare 控制台确认您的邮箱地址。",
    network: "从这里无法访问 Cloudflare。",
    zone: "该域名必须属于此账号的一个区域（zone），且主机名还没有 DNS 记录。",
  },
  unhealthy: (url, reason) => `${url}/health 没有像网关那样应答：${reason}。新地址可能需要几分钟`,
  answers: (url, version) => `${url} 已应答：tim-relay ${version}。`,
  problem: (sentence) => `它指出一个问题：${sentence}`,
  callbackRefused: (answer) => `第一个回调没有被接受：${answer}`,
  kept: (id) => `第一个回调已保存为 ${id}。`,
  keptUnseen: "第一个回调已保存。",
  delivered: (name, outcome) => `目标 ${name}：${outcome}。`,

  consoleTitle: "请在腾讯云即时通信 IM 控制台中您的应用的回调配置里填写：",
  consoleUrl: "回调 URL",
  consoleToken: "鉴权，令牌",
  consoleSwitches: "要打开的回调",
  allSwitches: "您需要的每一个；操作之前的回调只打开有规则裁决的",
  secretsTitle: "以下只显示这一次，请存入密码管理器：",
  destinationSecret: (name) => `${name}，您的后端用它验证`,
  nextTitle: "接下来：",
  dashboard: "仪表盘，会要求 ADMIN_TOKEN",
  doctor: "检查网关，使用上面的值",
  listen: "您的监听程序",
  deployAgain: "每次修改 tim-relay.jsonc 后重新部署",
};

export function textsIn(language: Language): Texts {
  return { en, zh }[language];
}
