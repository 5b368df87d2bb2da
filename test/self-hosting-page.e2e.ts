/** The files of docs/self-hosting.md. Where a program is missing that reads them, its test says so. */
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { documentedFiles } from "./support/documented-blocks.ts";
import { startGateway } from "./support/gateway.ts";
import { outputOf } from "./support/output.ts";
import { unusedPort } from "./support/port.ts";
import { until } from "./support/until.ts";

const page = documentedFiles("docs/self-hosting.md");
const scratch = mkdtempSync(join(tmpdir(), "tim-relay-hosting-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const has = (program: string, ...args: string[]) => spawnSync(program, args).error === undefined;
const without = (program: string, ...args: string[]) =>
  !has(program, ...args) && `${program} is not installed`;

test("systemd takes the units", { skip: without("systemd-analyze", "--version") }, () => {
  const names = ["tim-relay.service", "tim-relay-backup.service", "tim-relay-backup.timer"];
  for (const name of names) {
    // The checkout is elsewhere here: systemd would look for the program.
    const unit = page.get(name)!.replace("/opt/tim-relay/node_modules/.bin/node", process.execPath);
    writeFileSync(join(scratch, name), unit);
  }
  const units = names.map((name) => join(scratch, name));
  const { stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", ...units], { encoding: "utf8" });
  const about = stderr.split("\n").filter((line) => line.includes("tim-relay"));
  assert.deepEqual(about, []);
});

test("the backup's command line makes a folder named by the day", () => {
  const [, line] = /ExecStart=\/bin\/sh -c '(.*)'/.exec(page.get("tim-relay-backup.service")!)!;
  const shown = line!
    .replaceAll("$$", "$")
    .replaceAll("%%", "%")
    .replace("exec node_modules/.bin/node", "echo");
  const env = { STATE_DIRECTORY: "/var/lib/tim-relay-backups", PATH: process.env.PATH };
  const said = execFileSync("/bin/sh", ["-c", shown], { encoding: "utf8", env });
  assert.match(
    said,
    /^src\/cli\/tim-relay\.js backup \/var\/lib\/tim-relay-backups\/\d{4}-\d\d-\d\d --data-dir \/var\/lib\/tim-relay\/data$/m,
  );
});

test("unit and container start the program that is there", () => {
  const [, unit] = /ExecStart=\/opt\/tim-relay\/(.*)/.exec(page.get("tim-relay.service")!)!;
  const [, container] = /CMD (\["node_modules.*\])/.exec(page.get("Containerfile")!)!;
  assert.deepEqual(JSON.parse(container!), unit!.split(" "));
  const [node, program, command] = unit!.split(" ");
  const help = execFileSync(node!, [program!, command!, "--help"], { encoding: "utf8" });
  assert.match(help, /DATA_DIR/);
});

test("systemd stops the gateway alone, which needs its runtime until the last deliveries are recorded", () => {
  assert.match(page.get("tim-relay.service")!, /^KillMode=mixed$/m);
});

test("behind nginx, ALLOW_FROM sees the caller's address, and the tail passes", {
  skip: without("nginx", "-v") || without("openssl", "version"),
}, async () => {
  const key = join(scratch, "key.pem");
  const certificate = join(scratch, "certificate.pem");
  const subject = ["-subj", "/CN=tim.example.com", "-days", "1"];
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      ...subject,
      "-keyout",
      key,
      "-out",
      certificate,
    ],
    { stdio: "ignore" },
  );
  const gateway = await startGateway({
    CALLBACK_TOKEN: "",
    ALLOW_FROM: "127.0.0.0/8",
    TRUSTED_PROXY: "127.0.0.1 x-real-ip",
  });
  const port = await unusedPort();
  const server = page
    .get("tim-relay.conf")!
    .replace("listen 443 ssl", `listen 127.0.0.1:${port} ssl`)
    .replace("/etc/ssl/tim.example.com.pem", certificate)
    .replace("/etc/ssl/tim.example.com.key", key)
    .replace("http://127.0.0.1:8787", gateway.url);
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  for (const name of folders) mkdirSync(join(scratch, name));
  const temporary = folders.map((name) => `${name}_temp_path ${join(scratch, name)};`).join(" ");
  writeFileSync(
    join(scratch, "nginx.conf"),
    `daemon off; master_process off; pid ${join(scratch, "pid")}; error_log stderr; events {} http { access_log off; ${temporary} ${server} }`,
  );
  const child = spawn("nginx", ["-e", "stderr", "-c", join(scratch, "nginx.conf")]);
  const nginx = outputOf(child, "nginx");
  after(() => child.kill("SIGKILL"));

  const send = (path: string, headers: Record<string, string> = {}, body?: string) =>
    new Promise<number>((resolve, reject) => {
      const method = body === undefined ? "GET" : "POST";
      const sent = request({ host: "127.0.0.1", port, path, method, headers, rejectUnauthorized: false });
      sent.on("response", (response) => resolve(response.resume().statusCode!));
      sent.on("upgrade", (response, socket) => {
        socket.destroy();
        resolve(response.statusCode!);
      });
      sent.on("error", reject).end(body);
    });
  await until("nginx answers", () =>
    send("/health").then(
      (status) => status === 200,
      () => {
        assert.equal(child.exitCode, null, nginx.log());
        return false;
      },
    ),
  );
  const callback = "/?SdkAppid=1400000000&CallbackCommand=State.StateChange&contenttype=json";
  const body =
    '{"CallbackCommand":"State.StateChange","Info":{"Action":"Login","To_Account":"lan","Reason":"Register"}}';
  assert.equal(await send(callback, { "x-real-ip": "203.0.113.9" }, body), 200);
  const upgrade = {
    connection: "upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
  };
  assert.equal(await send("/api/tail", { ...upgrade, authorization: "Bearer test-admin-token" }), 101);
  assert.ok(existsSync(certificate));
});
