import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfiguration } from "../../src/config/load.ts";
import { renderDiagnostics } from "../../src/config/render-diagnostics.ts";
import { type MemoryOptions, memoryPorts, someFamilies } from "./memory-ports.ts";

const main = "/etc/dropship.d/dropship.hcl";

function load(files: Record<string, string | Uint8Array>, options?: MemoryOptions) {
  const { configuration, diagnostics } = loadConfiguration(main, memoryPorts(files, options), someFamilies);
  return { configuration, text: renderDiagnostics(diagnostics, { colour: false }) };
}

function inService(body: string): string {
  return `service "web" {\n${body}\n  artifact "s3" {\n    bucket = "b"\n    path = "p"\n    destination = "/srv/web"\n  }\n}\n`;
}

test("a service gets every default that was not said", () => {
  const { configuration, text } = load({ [main]: inService("") });

  assert.equal(text, "");
  assert.deepEqual(configuration, {
    file: main,
    servicePath: "/etc/dropship.d/services",
    statePath: "/var/lib/dropship",
    services: [
      {
        name: "web",
        where: `${main}:1:9`,
        artifact: {
          block: { driver: "s3", options: { bucket: "b", path: "p" }, where: `${main}:3:12` },
          destination: "/srv/web",
          limits: { unpackedSize: 16 * 1024 ** 3, entries: 1_000_000, depth: 64, ratio: 1000 },
        },
        repository: {
          driver: "s3",
          options: { accessKey: undefined, secret: undefined, name: undefined, endpoint: undefined },
          where: `${main}:3:12`,
        },
        hooks: [],
        health: [],
        checkInterval: 30_000,
        bake: 0,
        updateDeadline: 3_600_000,
        keepReleases: 3,
        layout: "symlink",
        sequentialUpdates: false,
      },
    ],
  });
});

test("everything that a service can say is decoded", () => {
  const { configuration, text } = load({
    [main]: `state_path = "/var/state"
repo "s3" {
  secret = "s"
}
service "web" {
  checkInterval = "1m30s"
  bake = "5m"
  updateDeadline = "10m"
  keepReleases = 7
  releases = "/srv/releases/web"
  layout = "in-place"
  hash = "abc"
  before { script { command = "stop" }, event { what = "{{.Name}}" } }
  after "script" { command = "start", env { PORT = "80" } }
  before = [{ script { command = "last" } }]
  success "event" { }
  failure "event" { what = "{{.Error}}" }
  artifact { s3 { bucket = "b", path = "p", destination = "/srv/web/", content-type = "application/zip"
    owner = "web", group = "www", mode = 0644, maxUnpackedSize = "1GiB", maxEntries = 5, maxDepth = 6, maxRatio = 7 } }
  health "http" {
    url = "http://localhost/"
    interval = "1s", timeout = "2s", deadline = "3s", passes = 4, failures = 5
  }
}`,
  });
  const service = configuration?.services[0];

  assert.equal(text, "");
  assert.equal(configuration?.statePath, "/var/state");
  assert.equal(service?.repository.options["secret"], "s");
  assert.deepEqual(
    service?.hooks.map(({ stage, driver, options }) => [stage, driver, Object.values(options)[0]]),
    [
      ["before", "script", "stop"],
      ["before", "event", "{{.Name}}"],
      ["before", "script", "last"],
      ["after", "script", "start"],
      ["success", "event", undefined],
      ["failure", "event", "{{.Error}}"],
    ],
  );
  assert.deepEqual(service?.hooks[3]?.options["env"], { PORT: "80" });
  assert.deepEqual(service?.artifact, {
    block: { driver: "s3", options: { bucket: "b", path: "p" }, where: `${main}:18:14` },
    destination: "/srv/web",
    contentType: "application/zip",
    owner: "web",
    group: "www",
    mode: 0o644,
    limits: { unpackedSize: 1024 ** 3, entries: 5, depth: 6, ratio: 7 },
  });
  assert.deepEqual(service?.health, [
    {
      driver: "http",
      options: { url: "http://localhost/" },
      where: `${main}:20:10`,
      interval: 1000,
      timeout: 2000,
      deadline: 3000,
      passes: 4,
      failures: 5,
    },
  ]);
  const { checkInterval, bake, updateDeadline, keepReleases, releases, layout, knownHash } = service ?? {};
  assert.deepEqual(
    { checkInterval, bake, updateDeadline, keepReleases, releases, layout, knownHash },
    {
      checkInterval: 90_000,
      bake: 300_000,
      updateDeadline: 600_000,
      keepReleases: 7,
      releases: "/srv/releases/web",
      layout: "in-place",
      knownHash: "abc",
    },
  );
});

test("all errors of all files are told in one run, in the order of files and lines", () => {
  const { configuration, text } = load({
    [main]: `servce_path = "/x"\nrepo "s4" { }\n`,
    "/etc/dropship.d/services/b.hcl": inService('  chekInterval = "10s"\n  keepReleases = 0'),
    "/etc/dropship.d/services/a.hcl": `service "api" {\n  checkInterval = 10s\n  health "htp" { }\n}\n`,
  });

  assert.equal(configuration, undefined);
  assert.equal(
    text,
    `/etc/dropship.d/dropship.hcl:1:1: error: the main file has no setting "servce_path"; did you mean "service_path"?
  1 | servce_path = "/x"
    | ^^^^^^^^^^^

/etc/dropship.d/dropship.hcl:2:6: error: unknown repository "s4"; did you mean "s3"?
  2 | repo "s4" { }
    |      ^^^^

/etc/dropship.d/services/a.hcl:2:19: error: 10s is not a number
  2 |   checkInterval = 10s
    |                   ^^^
  expected: durations, sizes and versions in double quotes: "10s"

/etc/dropship.d/services/a.hcl:3:10: error: unknown health probe "htp"; did you mean "http"?
  3 |   health "htp" { }
    |          ^^^^^

/etc/dropship.d/services/b.hcl:2:3: error: service "web" has no setting "chekInterval"; did you mean "checkInterval"?
  2 |   chekInterval = "10s"
    |   ^^^^^^^^^^^^

/etc/dropship.d/services/b.hcl:3:18: error: "keepReleases" has a value of the wrong kind
  3 |   keepReleases = 0
    |                  ^
  expected: a whole number from 1 to 1000
`,
  );
});
