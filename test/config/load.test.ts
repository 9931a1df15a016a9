import assert from "node:assert/strict";
import { test } from "node:test";
import { load, mainFile, serviceWith } from "./memory-ports.ts";

test("a service gets every default that was not said", () => {
  const { configuration, text } = load({ [mainFile]: serviceWith("") });

  assert.equal(text, "");
  assert.deepEqual(configuration, {
    file: mainFile,
    servicePath: "/etc/dropship.d/services",
    statePath: "/var/lib/dropship",
    services: [
      {
        name: "web",
        where: `${mainFile}:1:9`,
        artifact: {
          block: { driver: "s3", options: { bucket: "b", path: "p" }, where: `${mainFile}:3:12` },
          destination: "/srv/web",
          limits: { unpackedSize: 16 * 1024 ** 3, entries: 1_000_000, depth: 64, ratio: 1000 },
        },
        repository: {
          driver: "s3",
          options: { accessKey: undefined, secret: undefined, name: undefined, endpoint: undefined },
          where: `${mainFile}:3:12`,
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
    [mainFile]: `state_path = "/var/state"
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
    block: { driver: "s3", options: { bucket: "b", path: "p" }, where: `${mainFile}:18:14` },
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
      where: `${mainFile}:20:10`,
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
    [mainFile]: `servce_path = "/x"\nrepo "s4" { }\n`,
    "/etc/dropship.d/services/b.hcl": serviceWith('  chekInterval = "10s"\n  keepReleases = 0'),
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

test("two services of one name are refused with both places", () => {
  const { text } = load({
    [mainFile]: "",
    "/etc/dropship.d/services/a.hcl": serviceWith(""),
    "/etc/dropship.d/services/b.hcl": serviceWith("").replace("/srv/web", "/srv/other"),
  });

  assert.equal(
    text,
    `/etc/dropship.d/services/b.hcl:1:9: error: there are two services "web"
  1 | service "web" {
    |         ^^^^^
  /etc/dropship.d/services/a.hcl:1:9: the first is here
  Give one of them another name, or remove it from b.hcl.
`,
  );
});

test("a repository that needs settings must have its block; the message shows what to add", () => {
  const { text } = load({ [mainFile]: serviceWith("").replace('"s3"', '"vault"') });

  assert.equal(
    text,
    `/etc/dropship.d/dropship.hcl:3:12: error: there is no repo "vault"
  3 |   artifact "vault" {
    |            ^^^^^^^
  Add to the main file:

  repo "vault" {
    address = "https://vault.example.com"
    key = "<key>"
  }
`,
  );
});

/** What is wrong, the body of a service that is wrong so, and how the message begins. */
const mistakes: readonly [string, string, RegExp][] = [
  [
    "a setting given twice",
    'bake = "1s"\nupdateTTL = "2s"',
    /3:1: error: "updateTTL" is set twice[\s\S]*2:1: first set here/,
  ],
  ["a setting with a label", 'bake "x" { }', /2:6: error: "bake" is a setting, not a block/],
  ["a setting written as a block", "bake { }", /2:6: error: "bake" has a value of the wrong kind/],
  ["a block written as a setting", 'before = "x"', /2:10: error: before is a block, not a setting/],
  ["a block that does not say which", "health { }", /2:1: error: health does not say which/],
  [
    "a driver's setting without its driver",
    'before { command = "x" }',
    /before does not say which: "command" is a setting/,
  ],
  ["a label too many", 'before "script" "x" { command = "y" }', /2:17: error: before "script" has one label too many/],
  ["an unknown hook", 'after "scrip" { }', /2:7: error: unknown hook "scrip"; did you mean "script"\?/],
  [
    "a missing setting of a hook",
    'after "script" { }',
    /2:7: error: after "script" lacks "command"\n[\s\S]*expected: command = "…"/,
  ],
  [
    "an unknown setting of a hook",
    'after "event" { zebra = 1 }',
    /2:17: error: after "event" has no setting "zebra"[\s\S]*expected: one of what/,
  ],
  [
    "a check without a pause",
    'checkInterval = "0s"',
    /2:17: error: "checkInterval"[\s\S]*expected: a duration of at least 10ms/,
  ],
  ["a second artifact", 'artifact "s3" { }', /3:12: error: service "web" has two artifacts/],
  [
    "a wrong template",
    'after "event" { what = "x {{.Nme}}" }',
    /2:29: error: in a template: unknown field \.Nme; did you mean "Name"\?/,
  ],
  [
    "a wrong template in a map",
    'after "script" { command = "x", env { A = "{{.Artifact.pth}}" } }',
    /2:46: error: in a template: this artifact has no "pth"/,
  ],
];

for (const [what, body, message] of mistakes) {
  test(`${what} is refused where it stands`, () => {
    const { configuration, text } = load({ [mainFile]: serviceWith(body) });

    assert.equal(configuration, undefined);
    assert.match(text, message);
  });
}

test("names may be written in any mixture of large and small letters, as HCL 1 allowed", () => {
  const { configuration } = load({
    [mainFile]: serviceWith('CheckInterval = "5s"\nBefore "script" { Command = "x" }'),
  });

  assert.equal(configuration?.services[0]?.checkInterval, 5000);
  assert.equal(configuration?.services[0]?.hooks[0]?.options["command"], "x");
});

test("a service file holds services only", () => {
  const { text } = load({
    [mainFile]: "",
    "/etc/dropship.d/services/a.hcl": 'repo "s3" { secret = "hush" }\nbefore "script" { }',
  });

  assert.match(
    text,
    /a\.hcl:1:1: error: a service file holds services only, not "repo"[\s\S]*Put it into the main file\./,
  );
  assert.match(
    text,
    /a\.hcl:2:1: error: a service file holds services only, not "before"[\s\S]*Put it inside a service/,
  );
  assert.doesNotMatch(text, /hush/);
});

test("only *.hcl files that are not hidden are read, in the order of their names", () => {
  const { configuration } = load({
    [mainFile]: 'service_path = "more"',
    "/etc/dropship.d/more/b.hcl": serviceWith("", "b"),
    "/etc/dropship.d/more/a.hcl": serviceWith("", "a"),
    "/etc/dropship.d/more/a.hcl~": "{",
    "/etc/dropship.d/more/.b.hcl": "{",
  });

  assert.deepEqual(
    configuration?.services.map(({ name }) => name),
    ["a", "b"],
  );
});

test("a service_path that was named and is not there is an error, so that a reload does not drop every service", () => {
  const { text } = load({ [mainFile]: '\nservice_path = "/nowhere"' });

  assert.match(text, /^\/etc\/dropship\.d\/dropship\.hcl:2:1: error: the service_path \/nowhere is not a folder/);
});

test("a main file that is not there is told with its path", () => {
  const { text } = load({});

  assert.equal(
    text,
    `/etc/dropship.d/dropship.hcl: error: cannot be read: there is no such file
  Write it ("dropship explain" shows what it holds), run this as its owner (sudo), or name another with --config.
`,
  );
});

test("a service without an artifact is told so once: its templates are not blamed as well", () => {
  const { text } = load({ [mainFile]: 'service "web" {\n  after "event" { what = "{{.Artifact.path}}" }\n}\n' });

  assert.match(text, /^[^\n]*:1:9: error: service "web" has no artifact to follow\n/);
  assert.doesNotMatch(text, /template/);
});

test("what a broken file lacks is not complained about", () => {
  const { text } = load({
    [mainFile]: 'repo "vault" {\n  address = \n}\nservice "web" {\n  artifact "vault {\n  }\n}\n',
  });

  assert.doesNotMatch(text, /lacks|no artifact|no repo/);
  assert.match(text, /2:11: error: nothing follows this "="/);
});

test("a thousand services are judged in little time", { timeout: 5000 }, () => {
  const services = Array.from({ length: 1000 }, (_, at) =>
    serviceWith('before "script" { command = "x" }', `web-${at}`),
  );
  const { configuration } = load({ [mainFile]: services.join("\n") });

  assert.equal(configuration?.services.length, 1000);
});
