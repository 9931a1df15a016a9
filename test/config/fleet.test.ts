import assert from "node:assert/strict";
import { test } from "node:test";
import { load, loadService, mainFile } from "./memory-ports.ts";

const lock = 'lock "consul" {\n  address = "127.0.0.1:8500"\n}\n';

test("the lock of the main file is where every coordinated service meets the others", () => {
  const { service, text } = loadService("sequentialUpdates = true", lock);

  assert.equal(text, "");
  assert.deepEqual(service?.lock, {
    driver: "consul",
    options: { address: "127.0.0.1:8500", token: undefined, ttl: undefined },
    where: `${mainFile}:1:6`,
  });
});

test("a lock that no service uses is remarked on", () => {
  const { service, text } = loadService("", lock);

  assert.equal(service?.lock, undefined);
  assert.match(text, /dropship.hcl:1:6: warning: no service uses the lock/);
});

test("two locks, and locks that nobody knows, are refused", () => {
  const two = loadService("", `${lock}lock "etcd" { }`);
  const unknown = loadService("", 'lock "consol" { }');

  assert.match(two.text, /4:6: error: there are two locks\n(.*\n)*.*1:6: the first is here/);
  assert.match(unknown.text, /1:6: error: unknown lock "consol"; did you mean "consul"/);
});

test("a lock with a mistake is one mistake, not also one of every service", () => {
  const { configuration, text } = loadService("sequentialUpdates = true", 'lock "consul" { adress = "x" }');

  assert.equal(configuration, undefined);
  assert.equal(text.match(/error:/g)?.length, 1);
});

test("hosts that cannot meet in the repository need a lock, or go alone", () => {
  const artifact = 'artifact "vault" { bucket = "b", path = "p", destination = "/srv/x" }';
  const repo = 'repo "vault" { address = "https://v.example.com", key = "k" }\n';
  const withMain = (main: string, body: string) =>
    load({ [mainFile]: `${repo}${main}service "x" {\n${body}\n${artifact}\n}` });

  const own = withMain("", "sequentialUpdates = true");
  const inherited = withMain("rollout { }\n", "");
  const locked = withMain('lock "etcd" { }\n', "sequentialUpdates = true");

  assert.match(
    own.text,
    /3:21: error: .*cannot meet in its repository "vault"\n(.*\n)*.*lock "consul".*take sequentialUpdates or rollout out/,
  );
  assert.match(inherited.text, /3:9: error: .*\n(.*\n)*.*sequentialUpdates = false in the service/);
  assert.equal(locked.text, "");
});

test("the host's name is what the main file says", () => {
  assert.equal(loadService("", 'host = "web-7"').configuration?.host, "web-7");
  assert.equal(loadService("").configuration?.host, undefined);
});

for (const host of ["", ".", "..", "a/b", "a\\nb", "x".repeat(254)]) {
  test(`${JSON.stringify(host.slice(0, 9))} cannot be a host's name`, () => {
    const { configuration, text } = loadService("", `host = "${host}"`);

    assert.equal(configuration, undefined);
    assert.match(text, /1:8: error: .* cannot be this host's name in its fleet/);
  });
}

test("a coordinated host that calls itself localhost is warned of", () => {
  const warned = loadService("sequentialUpdates = true", "", { hostname: "localhost.localdomain" });
  const named = loadService("sequentialUpdates = true", 'host = "web-1"', { hostname: "localhost" });
  const alone = loadService("", "", { hostname: "localhost" });

  assert.match(warned.text, /web.hcl:1:9: warning: .* this host would be known as "localhost.localdomain"/);
  assert.equal(named.text, "");
  assert.equal(alone.text, "");
});
