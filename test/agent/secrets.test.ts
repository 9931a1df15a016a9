import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connect } from "../../src/agent/control/client.ts";
import { createHost, type Host, until } from "./fixture.ts";

/** Every secret begins with this word, and nothing else holds it. */
const word = "hush";
const basic = (user: string, password: string) => Buffer.from(`${user}:${password}`).toString("base64");
const forbidden = [word, basic("hush-user", "hush-password"), basic("hush-graphite-user", "hush-graphite")];

const main = join(import.meta.dirname, "../../src/main.ts");
let host: Host;
let server: Server;
let endpoint: string;
let asked = 0;

before(async () => {
  host = createHost();
  // The rudest of servers: it refuses, and prints all that it was sent into its refusal.
  server = createServer((request, response) => {
    asked += 1;
    const parts: Buffer[] = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const said = `${request.method} ${request.url} ${request.rawHeaders.join(" ")} ${Buffer.concat(parts)}`;
      const location = `http://hush-user:hush-password@127.0.0.1:1/?X-Amz-Signature=hush-signature&sent=${encodeURIComponent(said)}`;
      const status = [403, 500, 302, 400, 401][asked % 5] ?? 403;
      response.writeHead(status, `No ${said}`.slice(0, 2000), { location, "retry-after": "0" });
      response.end(said);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(host.path("key"), "hush-key\n", { mode: 0o600 });
  host.upload("web", { version: "1" });
  host.configure(services(), repositories());
});

after(async () => {
  await host.clean();
  server.closeAllConnections();
  server.close();
});

function repositories(): string {
  return `
repo "http" {
  url = "${endpoint}/files"
  user = env("HUSH_USER")
  password = "hush-password"
  insecure = true
}
repo "s3" {
  accessKey = "hush-access"
  secret = file("key")
  token = "hush-session"
  endpoint = "${endpoint}"
}
repo "swift" {
  authUrl = "${endpoint}/v3"
  user = "hush-swift-user"
  key = "hush-swift"
  project = "p"
  insecure = true
}
repo "rackspace" {
  user = "hush-rackspace-user"
  key = "hush-rackspace"
  region = "LON"
}
lock "consul" {
  address = "${endpoint}"
  token = "hush-lock"
  password = "hush-lock-password"
}
`;
}

function services(): string {
  const following = (name: string, driver: string, artifact: string) => `
service "${name}" {
  checkInterval = "300ms"
  artifact "${driver}" {
    ${artifact}
    destination = "${host.path(`srv/${name}`)}"
  }
}
`;
  return `
service "web" {
  checkInterval = "300ms"
  artifact "file" {
    path = "${host.path("store/web.tar.gz")}"
    destination = "${host.path("srv/web")}"
  }
  before "graphite-event" {
    host = "${endpoint}"
    user = "hush-graphite-user"
    password = "hush-graphite"
    required = false
  }
  before "script" {
    command = "env; set -x; echo the token is $TOKEN; cat /proc/self/environ"
    env = { TOKEN = file("../key"), OTHER = env("HUSH_USER") }
  }
  after "consul-event" {
    name = "deployed"
    address = "${endpoint}"
    token = "hush-consul"
    required = true
  }
  health "http" {
    url = "${endpoint}/health"
    headers = { Authorization = "Bearer hush-probe" }
    interval = "50ms"
    deadline = "300ms"
  }
}
${following("pages", "http", 'path = "pages.tar.gz"')}
${following("presigned", "http", `url = "${endpoint}/files/x.tar.gz?X-Amz-Signature=hush-presigned"`)}
${following("bucket", "s3", 'bucket = "b"\n    path = "k"')}
${following("container", "swift", 'bucket = "b"\n    path = "k"')}
${following("cloud", "rackspace", 'bucket = "b"\n    path = "k"')}
`;
}

const environment = () => ({
  PATH: process.env["PATH"] ?? "",
  HOME: host.folder,
  HUSH_USER: "hush-user",
  AWS_SECRET_ACCESS_KEY: "hush-environment",
  DROPSHIP_CONFIG: host.path("dropship.hcl"),
});

/** What a command prints on both of its outputs. */
function dropship(...words: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...words], { env: environment(), timeout: 60_000 }, (_, out, err) =>
      resolve(`${out}${err}`),
    );
  });
}

function refuseSecrets(where: string, text: string): void {
  for (const secret of forbidden) {
    const at = text.indexOf(secret);
    assert.equal(at, -1, `${where} shows a secret: …${text.slice(Math.max(0, at - 120), at + 60)}…`);
  }
}

const everyCommand = [
  ["status"],
  ["status", "web"],
  ["check"],
  ["update", "web"],
  ["update", "pages"],
  ["retry", "web"],
  ["history", "web"],
  ["releases", "web"],
  ["logs", "web"],
  ["rollback", "web"],
  ["pin", "web"],
  ["unpin", "web"],
  ["pause"],
  ["resume"],
  ["reload"],
  ["validate"],
  ["explain"],
  ["explain", "repo", "http"],
  ["explain", "repo", "s3"],
  ["version"],
];

/** Tells where the whole of a folder's files, their names and the targets of links hold a secret. */
function refuseSecretsBelow(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    refuseSecrets("a name", path);
    if (entry.isFile()) refuseSecrets(path, readFileSync(path, "latin1"));
  }
  return entries.length;
}

test("no secret of the configuration is printed, logged or kept by an agent, whatever the servers send back", async () => {
  const child = spawn(process.execPath, [main, "agent", "--log-level", "debug"], {
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part) => (log += part));
  const ended = once(child, "exit");
  try {
    const operations = await until("the agent answers", () => {
      if (child.exitCode !== null) throw new Error(`The agent ended: ${log}`);
      return connect(host.statePath);
    });
    await until("an update failed", async () => (await operations.history("web", 9)).length > 0);
    await until("every other service was looked at", async () =>
      (await operations.status()).every(({ service, lastCheck }) => service === "web" || lastCheck?.failure),
    );

    for (const words of everyCommand) {
      const said = await Promise.all([dropship(...words), dropship(...words, "--json")]);
      refuseSecrets(words.join(" "), said.join(""));
    }
    refuseSecrets("the agent's own command line", readFileSync(`/proc/${child.pid}/cmdline`, "latin1"));
    assert.match((await operations.evidence("web")).lines.map(({ text }) => text).join("\n"), /the token is /);
  } finally {
    child.kill("SIGTERM");
    await ended;
  }

  refuseSecrets("the log", log);
  assert.match(log, /an update ended/);
  assert.ok(refuseSecretsBelow(host.statePath) > 3);
});

test("no secret is printed or kept by a command without an agent", async () => {
  for (const words of [["check"], ["update"], ["retry", "web"], ["status", "--json"], ["logs", "web", "--json"]]) {
    refuseSecrets(words.join(" "), await dropship(...words));
  }

  assert.ok(refuseSecretsBelow(host.statePath) > 3);
});
