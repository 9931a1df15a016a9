import assert from "node:assert/strict";
import { test } from "node:test";
import { load, mainFile, serviceWith } from "./memory-ports.ts";

/** Two services with these destinations; more settings of the first. */
function pair(one: string, other: string, more = ""): string {
  const first = serviceWith(more, "one").replace("/srv/one", one);
  return load({ [mainFile]: first + serviceWith("", "two").replace("/srv/two", other) }).text;
}

test("two services may not write over each other", () => {
  assert.match(
    pair("/srv/web", "/srv/web/"),
    /error: the services "one" and "two" have the same destination \/srv\/web\n/,
  );
  assert.match(
    pair("/srv/web", "/srv/web/plugins"),
    /error: the destination \/srv\/web\/plugins is inside that of service "one"\n/,
  );
  assert.match(pair("/srv/web/plugins", "/srv/web"), /error: the destination \/srv\/web holds that of service "one"\n/);
  assert.match(pair("/srv/one", "/srv/.dropship/one/x"), /is among the releases of "one"\n/);
  assert.match(pair("/srv/.dropship/two/x", "/srv/two"), /the releases of "two" would hold the destination/);
  assert.match(pair("/srv/one", "/srv/two", 'releases = "/srv/.dropship/two"'), /have the same releases folder\n/);
  assert.equal(pair("/srv/web", "/srv/web2"), "");
});

test("the second place of a conflict names the first", () => {
  assert.match(
    pair("/srv/web", "/srv/web"),
    /dropship\.hcl:14:19: error[\s\S]*dropship\.hcl:6:19: the destination of service "one"/,
  );
});

const refused: readonly [string, RegExp][] = [
  ["/", /the destination is the root of the file system/],
  ["/srv/../etc", /the destination holds "\.\."/],
  ["..", /the destination holds "\.\."/],
  ["/var/lib/dropship/web", /the agent's own state_path \/var\/lib\/dropship are inside each other/],
  ["/var/lib", /the agent's own state_path \/var\/lib\/dropship are inside each other/],
];

for (const [destination, message] of refused) {
  test(`${destination} is no destination`, () => {
    assert.match(pair(destination, "/srv/two"), message);
  });
}

test("releases may not be inside the destination, nor around it", () => {
  assert.match(
    pair("/srv/one", "/srv/two", 'releases = "/srv/one/old"'),
    /releases folder \/srv\/one\/old would be inside/,
  );
  assert.match(pair("/srv/one", "/srv/two", 'releases = "/srv"'), /is inside its own releases folder \/srv\n/);
});

test("a relative destination is taken from the working directory, with a warning", () => {
  const { configuration, text } = load({ [mainFile]: serviceWith("").replace("/srv/web", "./test//dest/") });

  assert.match(
    text,
    /warning: the destination is relative to where the agent was started: here it is \/work\/test\/dest\n/,
  );
  assert.equal(configuration?.services[0]?.artifact.destination, "/work/test/dest");
});
