import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfiguration } from "../../src/config/load.ts";
import { repositories } from "../../src/drivers/repositories/registry.ts";
import { mainFile, memoryPorts } from "./memory-ports.ts";

/** A service that takes turns, with the real drivers, and no lock unless `lock` is one. */
function load(repository: string, repo: string, artifact: string, lock = "") {
  const text = `
    ${lock}
    ${repo}
    service "web" {
      rollout { limit = 1 }
      artifact "${repository}" {
        ${artifact}
        destination = "/srv/web"
      }
    }`;
  const { configuration, diagnostics } = loadConfiguration(mainFile, memoryPorts({ [mainFile]: text }));
  return { service: configuration?.services[0], errors: diagnostics.filter(({ severity }) => severity === "error") };
}

/** Each repository that there is, with what it must be told. */
const written: Readonly<Record<string, readonly [repo: string, artifact: string]>> = {
  file: ["", 'path = "/srv/artifacts/web.tar.gz"'],
  s3: ["", 'bucket = "releases"\npath = "web.tar.gz"'],
  http: ["", 'url = "https://releases.example.com/web.tar.gz"'],
  swift: [
    'repo "swift" {\nauthUrl = "https://keystone.example.com/v3"\nuser = "u"\nkey = "k"\nproject = "p"\n}',
    'container = "releases"\npath = "web.tar.gz"',
  ],
  rackspace: [
    'repo "rackspace" {\nuser = "u"\nkey = "k"\nregion = "LON"\n}',
    'container = "releases"\npath = "web.tar.gz"',
  ],
};
const places = ["file", "s3"];

test("every repository is judged here", () => {
  assert.deepEqual(repositories.all.map(({ name }) => name).sort(), Object.keys(written).sort());
});

for (const [name, [repo, artifact]] of Object.entries(written)) {
  test(`hosts that follow a "${name}" artifact ${places.includes(name) ? "meet beside it" : "need a lock, and are told so"}`, () => {
    const { service, errors } = load(name, repo, artifact);

    if (places.includes(name)) {
      assert.deepEqual(errors, []);
      assert.equal(service?.lock, undefined);
      assert.deepEqual(service?.rollout?.limit, { count: 1 });
      return;
    }
    assert.equal(service, undefined);
    assert.equal(
      errors.map(({ message }) => message).join(),
      `service "web" is to go with the others of its fleet, but hosts cannot meet in its repository "${name}"`,
    );
    assert.equal(
      errors[0]?.remedy,
      'Add lock "consul" { … } or lock "etcd" { … } or lock "redis" { … } to the main file, or let each host update on its own: take sequentialUpdates or rollout out.',
    );
  });

  test(`with a lock, hosts that follow a "${name}" artifact meet there`, () => {
    const { service, errors } = load(name, repo, artifact, 'lock "consul" { }');

    assert.deepEqual(errors, []);
    assert.equal(service?.lock?.driver, "consul");
  });
}
