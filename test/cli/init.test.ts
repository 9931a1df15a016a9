import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { answersOf } from "../../src/cli/set-up-answers.ts";
import { diskPorts } from "../../src/config/disk.ts";
import { loadConfiguration } from "../../src/config/load.ts";

const entry = join(import.meta.dirname, "..", "..", "bin", "dropship.js");
const folder = mkdtempSync(join(tmpdir(), "dropship-init-"));
after(() => rmSync(folder, { recursive: true }));

/** A host with nothing but a folder for its configuration. */
function newHost(name: string) {
  const at = (path: string) => join(folder, name, path);
  mkdirSync(at("etc"), { recursive: true, mode: 0o755 });
  const config = at("etc/dropship.hcl");
  return {
    at,
    config,
    read: (path: string) => (existsSync(at(path)) ? readFileSync(at(path), "utf8") : undefined),
    async init(...words: string[]) {
      const child = spawn(process.execPath, [entry, "init", ...words, "--config", config], {
        stdio: ["ignore", "pipe", "pipe"],
        env: { PATH: process.env["PATH"], HOME: folder, AWS_EC2_METADATA_DISABLED: "true" },
      });
      const ended = once(child, "exit");
      const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
      const [code] = await ended;
      return { code, out, err };
    },
    services: () => loadConfiguration(config, { ...diskPorts(), userId: 1 }).configuration?.services ?? [],
  };
}

test("a first service is written, with its main file, and tried as doctor does", async () => {
  const host = newHost("first");
  writeFileSync(host.at("web.tar.gz"), "not looked into");

  const { out } = await host.init("web", "--from", host.at("web.tar.gz"), "--destination", host.at("srv/web"));

  const [service] = host.services();
  assert.equal(service?.name, "web");
  assert.equal(service?.artifact.destination, host.at("srv/web"));
  assert.match(host.read("etc/dropship.hcl") ?? "", /^service_path = ".*etc\/services"\n$/);
  assert.match(out, /service "web" \{/);
  assert.match(out, /\d+ checks: /);
});

test("a bucket's place is added to a main file that says nothing of one, and the rest stays as it was", async () => {
  const host = newHost("bucket");
  const mine = `# mine\nstate_path = "${host.at("state")}"\n`;
  writeFileSync(host.config, mine, { mode: 0o644 });
  const place = ["--region", "eu-central-1", "--endpoint", "http://127.0.0.1:9"];

  const first = await host.init("web", "--from", "s3://releases/web.tar.gz", ...place, "--json");
  const added = host.read("etc/dropship.hcl");
  await host.init("api", "--from", "s3://releases/api.tar.gz", ...place, "--json");

  assert.equal(added, `${mine}\nrepo "s3" {\n  region = "eu-central-1"\n  endpoint = "http://127.0.0.1:9"\n}\n`);
  assert.equal(host.read("etc/dropship.hcl"), added);
  assert.deepEqual(
    host.services().map(({ name }) => name),
    ["api", "web"],
  );
  const told = JSON.parse(first.out);
  assert.equal(told.main, host.config);
  assert.ok(told.findings.length > 0);
});

test("nothing that is there is overwritten", async () => {
  const host = newHost("taken");
  const from = ["--from", "/nowhere/web.tar.gz", "--destination", host.at("srv/web")];
  await host.init("web", ...from);
  const before = host.read("etc/services/web.hcl");

  const again = await host.init("web", ...from, "--health", "true");
  writeFileSync(host.at("etc/services/api.hcl"), "# taken\n", { mode: 0o644 });
  const other = await host.init("api", "--from", "/nowhere/api.tar.gz");

  assert.deepEqual([again.code, other.code], [1, 1]);
  assert.match(again.err, /A service "web" is there already; nothing was changed/);
  assert.match(other.err, /api\.hcl is there already/);
  assert.equal(host.read("etc/services/web.hcl"), before);
  assert.equal(host.read("etc/services/api.hcl"), "# taken\n");
});

test("what the configuration would refuse leaves nothing behind", async () => {
  const host = newHost("refused");
  writeFileSync(host.config, "# mine\n", { mode: 0o644 });

  const place = ["--destination", "/", "--region", "eu"];
  const { code, err } = await host.init("web", "--from", "s3://releases/web.tar.gz", ...place);

  assert.equal(code, 4);
  assert.match(err, /the destination is the root of the file system/);
  assert.equal(host.read("etc/services/web.hcl"), undefined);
  assert.equal(host.read("etc/dropship.hcl"), "# mine\n");
});

test("without a terminal nothing is asked: what is missing is a failure that says how to write it", async () => {
  const host = newHost("silent");

  const nameless = await host.init();
  const sourceless = await host.init("web");
  const strange = await host.init("web", "--from", "ftp://files/web");

  assert.deepEqual([nameless.code, sourceless.code, strange.code], [2, 2, 2]);
  assert.match(sourceless.err, /dropship init web --from s3:\/\/BUCKET\/KEY/);
  assert.match(strange.err, /no address of an artifact/);
  assert.equal(existsSync(host.config), false);
});

test("a name that is a path is refused before anything is written, and so is a folder that may not be written to", async () => {
  const host = newHost("denied");
  // A file where the folder of the services should be: root may write everywhere else.
  writeFileSync(host.at("etc/services"), "");

  const path = await host.init("../../web", "--from", "/a/web.tar");
  const denied = await host.init("web", "--from", "/a/web.tar");

  assert.deepEqual([path.code, denied.code], [2, 1]);
  assert.match(path.err, /"\.\.\/\.\.\/web" cannot be the name of a service/);
  assert.match(denied.err, /web\.hcl could not be written/);
  assert.doesNotMatch(denied.err, / at .*:\d+/);
  assert.equal(existsSync(host.config), false);
});

const given = (flags: Record<string, string>, service?: string) => ({ operands: { service }, flags });

test("a person is asked for what was not given, with what is likely as the answer", async () => {
  const asked: string[] = [];
  const ask = async (question: string, otherwise: string) => {
    asked.push(`${question} [${otherwise}]`);
    return question.startsWith("Its artifact") ? "s3://b/k" : question.startsWith("Name") ? "web" : otherwise;
  };

  const answers = await answersOf(given({}), { ask, units: async () => ["ssh", "web-server"] });

  assert.equal(answers.destination, "/srv/web");
  assert.equal(answers.stop, "systemctl stop web-server");
  assert.equal(answers.health, undefined);
  assert.ok(asked.some((line) => line.includes("[/srv/web]")) && asked.some((line) => line.includes("[web-server]")));
});

test("without a person only a unit of the very name is stopped and started; commands overrule it", async () => {
  const units = async () => ["web", "web-2"];
  const from = { from: "/a" };

  const own = await answersOf(given(from, "web"), { ask: undefined, units });
  const other = await answersOf(given(from, "api"), { ask: undefined, units });
  const said = await answersOf(given({ ...from, unit: "web-2.service" }, "web"), { ask: undefined, units });
  const command = await answersOf(given({ ...from, start: "go" }, "web"), { ask: undefined, units });

  assert.equal(own.start, "systemctl start web");
  assert.equal(other.start, undefined);
  assert.equal(said.stop, "systemctl stop web-2");
  assert.deepEqual([command.stop, command.start], [undefined, "go"]);
});
