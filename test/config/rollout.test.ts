import assert from "node:assert/strict";
import { test } from "node:test";
import { loadService, mainFile } from "./memory-ports.ts";

const defaults = {
  limit: { count: 1 },
  canary: 1,
  failureBudget: 0,
  abortBudget: 1,
  onHalt: "hold",
  group: "default",
  windows: [],
  lostAfter: 300_000,
};

test("an empty rollout block is one host at a time, the first failure halts", () => {
  const { service, text } = loadService("rollout { }");

  assert.equal(text, "");
  assert.deepEqual(service?.rollout, { where: "/etc/dropship.d/services/web.hcl:2:1", ...defaults });
  assert.equal(service?.lock, undefined);
});

test("sequentialUpdates = true is a rollout with a limit of 1", () => {
  const { service, text } = loadService("sequentialUpdates = true");

  assert.equal(text, "");
  assert.deepEqual(service?.rollout, { where: "/etc/dropship.d/services/web.hcl:2:21", ...defaults });
});

test("without either, the service updates on its own", () => {
  assert.equal(loadService("").service?.rollout, undefined);
  assert.equal(loadService("sequentialUpdates = false").service?.rollout, undefined);
});

test("everything that a rollout can say is decoded", () => {
  const { service, text } = loadService(`rollout {
  limit = "25%"
  canary = 0
  failureBudget = 3
  abort_budget = 4
  bake = "5m"
  group = "eu-central"
  on_halt = "revert"
  lostAfter = "10m"
  window { days = "sun", from = "9:30", to = "24:00", zone = "UTC" }
  window "nights" { days = ["Mon-Fri", "sat"], from = "22:00", to = "04:00", zone = "Europe/Berlin", overrun = "stop" }
}`);

  assert.equal(text, "");
  assert.equal(service?.bake, 300_000);
  assert.deepEqual(service?.rollout, {
    where: "/etc/dropship.d/services/web.hcl:2:1",
    limit: { percent: 25 },
    canary: 0,
    failureBudget: 3,
    abortBudget: 4,
    onHalt: "revert",
    group: "eu-central",
    lostAfter: 600_000,
    windows: [
      {
        where: "/etc/dropship.d/services/web.hcl:11:3",
        days: [0],
        from: 570,
        to: 1440,
        zone: "UTC",
        overrun: "finish",
      },
      {
        where: "/etc/dropship.d/services/web.hcl:12:3",
        days: [1, 2, 3, 4, 5, 6],
        from: 1320,
        to: 240,
        zone: "Europe/Berlin",
        overrun: "stop",
      },
    ],
  });
});

test("a window without days opens every day; a range may go over the end of the week", () => {
  const window = (days: string) => `rollout { window { ${days} from = "01:00", to = "02:00", zone = "UTC" } }`;

  assert.deepEqual(loadService(window("")).service?.rollout?.windows[0]?.days, [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(loadService(window('days = "fri-mon",')).service?.rollout?.windows[0]?.days, [0, 1, 5, 6]);
  assert.deepEqual(loadService(window('days = "saturday",')).service?.rollout?.windows[0]?.days, [6]);
});

const fleetRollout = `rollout {
  limit = "10%"
  canary = 2
  bake = "1m"
  window { from = "01:00", to = "02:00", zone = "UTC" }
}
`;

test("the main file's rollout counts for every service", () => {
  const { service, text } = loadService("", fleetRollout);

  assert.equal(text, "");
  assert.equal(service?.bake, 60_000);
  assert.deepEqual(service?.rollout?.limit, { percent: 10 });
  assert.equal(service?.rollout?.where, `${mainFile}:1:1`);
  assert.equal(service?.rollout?.windows.length, 1);
});

test("a service overrules the main file's rollout setting by setting, and its windows all at once", () => {
  const window = 'window { from = "03:00", to = "04:00", zone = "UTC" }';
  const { service, text } = loadService(`bake = "9m"\nrollout { limit = 3\n${window} }`, fleetRollout);

  assert.equal(text, "");
  assert.equal(service?.bake, 540_000);
  assert.deepEqual(service?.rollout?.limit, { count: 3 });
  assert.equal(service?.rollout?.canary, 2);
  assert.deepEqual(
    service?.rollout?.windows.map(({ from }) => from),
    [180],
  );
});

test("sequentialUpdates overrules the main file's limit, or leaves the service out", () => {
  const one = loadService("sequentialUpdates = true", fleetRollout);
  const none = loadService("sequentialUpdates = false", fleetRollout);

  assert.deepEqual([one.service?.rollout?.limit, one.service?.rollout?.canary], [{ count: 1 }, 2]);
  assert.equal(none.service?.rollout, undefined);
  assert.equal(none.service?.bake, 0);
});

test("sequentialUpdates = true and a rollout that agrees with it may stand together", () => {
  const { service, text } = loadService("sequentialUpdates = true\nrollout { limit = 1, canary = 3 }");

  assert.equal(text, "");
  assert.equal(service?.rollout?.canary, 3);
});

const refused: readonly (readonly [name: string, body: string, message: RegExp])[] = [
  [
    "sequentialUpdates and another limit",
    "sequentialUpdates = true\nrollout { limit = 2 }",
    /3:19: error: sequentialUpdates = true means a limit of 1.*\n(.*\n)*.*2:21: sequentialUpdates stands here/,
  ],
  [
    "a rollout that is denied",
    "sequentialUpdates = false\nrollout { }",
    /3:1: error: the service has a rollout, and sequentialUpdates = false says/,
  ],
  [
    "bake in both places",
    'updateTTL = "1m"\nrollout { bake = "2m" }',
    /3:18: error: bake is set twice.*\n(.*\n)*.*2:13: the other stands here/,
  ],
  [
    "two rollouts",
    "rollout { }\nrollout { }",
    /3:1: error: there are two rollout blocks\n(.*\n)*.*2:1: the first is here/,
  ],
  ["a rollout with a name", 'rollout "web" { }', /2:9: error: a rollout has no name/],
  ["a rollout as a setting", "rollout = true", /2:11: error: rollout is a block, not a setting/],
  [
    "an unknown setting",
    "rollout { limmit = 1 }",
    /2:11: error: rollout has no setting "limmit"; did you mean "limit"/,
  ],
  ["no host at a time", "rollout { limit = 0 }", /2:19: error: "limit".*\n(.*\n)*.*expected: a number of hosts from 1/],
  ["no share of the fleet", 'rollout { limit = "0%" }', /2:19: error: "limit"/],
  ["more than the fleet", 'rollout { limit = "101%" }', /2:19: error: "limit"/],
  ["a negative limit", "rollout { limit = -1 }", /2:19: error: "limit"/],
  [
    "a limit that no record holds",
    "rollout { limit = 201 }",
    /2:19: error: the limit 201 is more than the 200 hosts.*\n(.*\n)*.*rollout \{ group = /,
  ],
  ["a group that leads elsewhere", 'rollout { group = "../other" }', /2:19: error: "..\/other" cannot name a group/],
  ["a word for onHalt that nobody knows", 'rollout { onHalt = "stop" }', /expected: "hold" or "revert"/],
];

for (const [name, body, message] of refused) {
  test(`refused with its place: ${name}`, () => {
    const { configuration, text } = loadService(body);

    assert.equal(configuration, undefined);
    assert.match(text, message);
  });
}

const window = { days: '"mon"', from: '"01:00"', to: '"02:00"', zone: '"UTC"' };

function windowOf(changed: Partial<typeof window>): string {
  const settings = Object.entries({ ...window, ...changed }).map(([name, value]) => `${name} = ${value}`);
  return `rollout {\nwindow {\n${settings.join("\n")}\n}\n}`;
}

const refusedWindows: readonly (readonly [name: string, changed: Partial<typeof window>, message: RegExp])[] = [
  [
    "a mistyped day, where it stands",
    { days: '["mon", "tus"]' },
    /4:16: error: there is no day "tus"; did you mean "tue"/,
  ],
  ["a mistyped long day", { days: '"wednesdy"' }, /4:8: error: there is no day "wednesdy"; did you mean "wednesday"/],
  ["a range of three days", { days: '"mon-tue-wed"' }, /4:8: error: "mon-tue-wed" is no range of days/],
  ["no day at all", { days: "[]" }, /4:8: error: days is empty: the window would never open/],
  ["a time that no clock shows", { from: '"25:00"' }, /5:8: error: "25:00" is no time of the day/],
  ["an end of the day as a beginning", { from: '"24:00"' }, /5:8: error: "24:00" is no time of the day/],
  ["a minute past the end of the day", { to: '"24:01"' }, /6:6: error: "24:01" is no time of the day/],
  ["a beginning that is the end", { to: '"01:00"' }, /6:6: error: the window opens and closes at the same time/],
  [
    "a mistyped zone",
    { zone: '"Europe/Berln"' },
    /7:8: error: there is no time zone "Europe\/Berln"; did you mean "Europe\/Berlin"/,
  ],
  ["a city alone", { zone: '"new york"' }, /there is no time zone "new york"; did you mean "America\/New_York"/],
  ["an offset", { zone: '"+02:00"' }, /7:8: error: there is no time zone "\+02:00"/],
];

for (const [name, changed, message] of refusedWindows) {
  test(`a window is refused: ${name}`, () => {
    const { configuration, text } = loadService(windowOf(changed));

    assert.equal(configuration, undefined);
    assert.match(text, message);
  });
}

test("a window lacks its zone: nobody's own time is assumed", () => {
  const { text } = loadService('rollout { window "n" { from = "01:00", to = "02:00" } }');

  assert.match(text, /2:11: error: window "n" lacks "zone"/);
});

test("settings that are odd but possible are warned of", () => {
  const { service, text } = loadService('rollout { lostAfter = "3s", failureBudget = 50 }');

  assert.equal(service?.rollout?.lostAfter, 3000);
  assert.match(text, /warning: lostAfter = "3s" is short/);
  assert.match(text, /warning: failureBudget = 50 lets no failure halt the rollout/);
});
