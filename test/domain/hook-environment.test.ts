import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type HookFacts, hookEnvironment, templateData } from "../../src/domain/hook-environment.ts";
import { parseWantedVersion } from "../../src/domain/publishing/range.ts";
import type { ServiceDeclaration } from "../../src/domain/service.ts";
import { templateFields } from "../../src/domain/template.ts";

const service: ServiceDeclaration = {
  name: "web",
  where: "web.hcl:1:1",
  artifact: {
    block: { driver: "s3", options: { bucket: "apps", path: "web.tgz", version: undefined }, where: "web.hcl:2:3" },
    destination: "/srv/web",
    contentType: "application/gzip",
    limits: { unpackedSize: 1, entries: 1, depth: 1, ratio: 1 },
  },
  repository: { driver: "s3", options: { secret: "swordfish" }, where: "dropship.hcl:1:1" },
  hooks: [],
  health: [],
  checkInterval: 10_000,
  bake: 90_000,
  updateDeadline: 60_000,
  keepReleases: 3,
  layout: "symlink",
  sequentialUpdates: true,
};
const facts: HookFacts = {
  service,
  hostname: "host1",
  stage: "failure",
  rollback: true,
  attempt: 2,
  update: "u1",
  release: { id: "1.0-aaa", digest: "aaa", size: 1, version: "1.0", stagedAt: 0 },
  previous: { id: "bbb", digest: "bbb", size: 1, stagedAt: 0 },
  outcome: "rolled-back",
  failure: { code: "hook-failed", sentence: "It failed.", remedy: "Mend it." },
};

describe("the environment of a hook", () => {
  test("tells everything about the update", () => {
    assert.deepEqual(hookEnvironment(facts), {
      DROPSHIP_SERVICE: "web",
      DROPSHIP_DESTINATION: "/srv/web",
      DROPSHIP_STAGE: "failure",
      DROPSHIP_ROLLBACK: "1",
      DROPSHIP_ATTEMPT: "2",
      DROPSHIP_UPDATE: "u1",
      DROPSHIP_RELEASE: "1.0-aaa",
      DROPSHIP_HASH: "aaa",
      DROPSHIP_VERSION: "1.0",
      DROPSHIP_PREVIOUS_RELEASE: "bbb",
      DROPSHIP_PREVIOUS_HASH: "bbb",
      DROPSHIP_PREVIOUS_VERSION: "",
      DROPSHIP_OUTCOME: "rolled-back",
      DROPSHIP_ERROR: "It failed.",
    });
  });

  test("has the same names when there is nothing to say, so that a strict shell does not stop at them", () => {
    const bare: HookFacts = { service, hostname: "host1", stage: "before", rollback: false, attempt: 1 };

    assert.deepEqual(Object.keys(hookEnvironment(bare)), Object.keys(hookEnvironment(facts)));
    assert.equal(hookEnvironment(bare)["DROPSHIP_ROLLBACK"], "");
  });

  test("can always be passed to a process, whatever a store or a server said", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 6000 }), (said) => {
        const release = { id: said, digest: said, size: 1, version: said, stagedAt: 0 };
        const note = { code: "hook-failed", sentence: said, remedy: "" } as const;
        for (const value of Object.values(hookEnvironment({ ...facts, release, failure: note }))) {
          assert.doesNotMatch(value, /[\0\r\n\u001b]/);
          assert.ok(value.length <= 4096);
        }
      }),
    );
  });
});

describe("the data of a template", () => {
  test("has every field that a template may name", () => {
    assert.deepEqual(Object.keys(templateData(facts)).sort(), Object.keys(templateFields).sort());
  });

  test("shows the artifact block's settings and nothing of the repository's", () => {
    const { Artifact, UpdateTTL, CheckInterval } = templateData(facts);

    assert.deepEqual(Artifact, {
      bucket: "apps",
      path: "web.tgz",
      destination: "/srv/web",
      "content-type": "application/gzip",
    });
    assert.deepEqual([UpdateTTL, CheckInterval], ["1m30s", "10s"]);
    assert.doesNotMatch(JSON.stringify(templateData(facts)), /swordfish/);
  });
});

test("a template of a service that follows a channel or a version may say which", () => {
  const following = (wanted: NonNullable<ServiceDeclaration["artifact"]["follows"]>["wanted"]) => {
    const artifact = { ...service.artifact, follows: { application: "shop", wanted } };
    const { Channel, Artifact } = templateData({ ...facts, service: { ...service, artifact } });
    return { Channel, Artifact };
  };
  const own = { bucket: "apps", path: "web.tgz", destination: "/srv/web", "content-type": "application/gzip" };

  const channel = { ...own, application: "shop", channel: "stable" };
  assert.deepEqual(following({ channel: "stable" }), { Channel: "stable", Artifact: channel });
  const version = { ...own, application: "shop", version: "~> 1.4" };
  assert.deepEqual(following(parseWantedVersion("~> 1.4")), { Channel: "", Artifact: version });
  assert.equal(templateData(facts)["Channel"], "");
});
