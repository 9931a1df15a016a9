import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfiguration } from "../../src/config/load.ts";
import { memoryPorts } from "./memory-ports.ts";

const main = "/etc/dropship.d/dropship.hcl";
const serviceFile = "/etc/dropship.d/services/my-service.hcl";

function fixture(name: string): string {
  return readFileSync(join(import.meta.dirname, "fixtures", "original", name), "utf8");
}

/** Loads files of the original, unchanged, with the real drivers. */
function load(mainName: string, serviceName: string, added = "") {
  const files = { [main]: fixture(mainName) + added, [serviceFile]: fixture(serviceName) };
  const { configuration, diagnostics } = loadConfiguration(main, memoryPorts(files));
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  assert.deepEqual(errors, []);
  const [service] = configuration?.services ?? [];
  assert.ok(service);
  return { service, warnings: diagnostics.map(({ place, message }) => `${place.line}: ${message}`) };
}

test("the configuration of the original's README is accepted with the lock that it left to its default", () => {
  const { service, warnings } = load(
    "dropship.hcl",
    "my-service.hcl",
    '\nlock "consul" { address = "127.0.0.1:8500" }\n',
  );

  assert.deepEqual(service.rollout?.limit, { count: 1 });
  assert.equal(service.lock?.driver, "consul");
  assert.deepEqual(warnings, [
    "19: the destination is relative to where the agent was started: here it is /work/test/dest",
  ]);
  assert.equal(service.name, "my-service");
  assert.equal(service.sequentialUpdates, true);
  assert.equal(service.checkInterval, 10_000);
  assert.equal(service.artifact.destination, "/work/test/dest");
  assert.equal(service.artifact.block.driver, "rackspace");
  assert.equal(service.artifact.block.options["bucket"], "my-container");
  assert.equal(service.artifact.block.options["path"], "my-service.tar.gz");
  assert.equal(service.repository.driver, "rackspace");
  assert.equal(service.repository.options["user"], "<your-rackspace-user>");
  assert.equal(service.repository.options["key"], "<your-rackspace-key>");
  assert.equal(service.repository.options["region"], "<rackspace-region>");
  assert.deepEqual(
    service.hooks.map(({ stage, driver }) => `${stage} ${driver}`),
    ["before script", "after graphite-event", "after script"],
  );
  const [stop, event, start] = service.hooks;
  assert.equal(stop?.options["command"], "initctl my-service stop");
  assert.equal(event?.options["host"], "http://<my-graphite-server>");
  assert.equal(event?.options["what"], "deployed to {{.Name}} on {{.Hostname}}");
  assert.equal(event?.options["data"], "{{.Hash}}");
  assert.equal(start?.options["command"], "initctl my-service start");
});

test("the original's example.hcl is accepted unchanged", () => {
  const { service } = load("dropship.hcl", "example.hcl", '\nlock "consul" { }\n');

  assert.equal(service.hooks[1]?.options["host"], "http://my-graphite-server");
  assert.equal(service.hooks[1]?.options["what"], "deployed to {{.Hostname}}");
});

test("sequential updates from a store that cannot hold a record name the two ways out", () => {
  const files = { [main]: fixture("dropship.hcl"), [serviceFile]: fixture("my-service.hcl") };
  const { configuration, diagnostics } = loadConfiguration(main, memoryPorts(files));
  const [error] = diagnostics.filter(({ severity }) => severity === "error");

  assert.equal(configuration, undefined);
  assert.match(error?.message ?? "", /hosts cannot meet in its repository "rackspace"/);
  assert.match(error?.remedy ?? "", /Add lock "consul".* to the main file, or let each host update on its own/);
});

test("the main file that the original's package installed is accepted unchanged", () => {
  const files = { [main]: fixture("packaged.hcl"), "/etc/dropship.d/services/.keep": "" };
  const { configuration, diagnostics } = loadConfiguration(main, memoryPorts(files));

  assert.deepEqual(configuration?.services, []);
  assert.deepEqual(
    diagnostics.map(({ severity, message }) => [severity, message]),
    [["warning", "no service is declared: neither here nor in /etc/dropship.d/services"]],
  );
});

test("the deprecated keys do what they did, and each one is warned of", () => {
  const { service, warnings } = load("deprecated.hcl", "deprecated-service.hcl");

  assert.deepEqual(warnings, [
    '4: "rackspace" at the top level is deprecated',
    "17: ttl has no effect: a slot no longer expires, so that a slow host and its successor are never both down",
    '5: "preCommand" is deprecated',
    '6: "postCommand" is deprecated',
  ]);
  assert.equal(service.repository.options["user"], "<your-rackspace-user>");
  assert.equal(service.checkInterval, 90_000);
  assert.equal(service.bake, 300_000);
  assert.equal(service.knownHash, "d41d8cd98f00b204e9800998ecf8427e");
  assert.equal(service.artifact.contentType, "application/gzip");
  const shown = service.hooks.map(({ stage, driver, options }) => [
    stage,
    driver,
    options["command"] ?? options["name"],
  ]);
  assert.deepEqual(shown, [
    ["before", "script", "initctl stop my-service"],
    ["before", "script", "echo \x24{HOME:-nowhere}"],
    ["after", "consul-event", "deployed"],
    ["after", "script", "initctl start my-service"],
  ]);
});
