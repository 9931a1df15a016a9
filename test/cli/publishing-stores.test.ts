import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { openStore } from "../drivers/repositories/swift-store.ts";
import { administer } from "../drivers/stores/buckets.ts";
import { startCeph } from "../servers/ceph.ts";
import { startSwift } from "../servers/swift.ts";
import { publishingPlace } from "./publishing-place.ts";

interface Running {
  /** What the tools of the store read. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const stores: Readonly<Record<string, () => Promise<Running>>> = {
  "s3://fleet": async () => {
    const ceph = await startCeph({ version: "20" });
    await administer(ceph.endpoint, ceph, "PUT", "/fleet");
    const environment = {
      AWS_ENDPOINT_URL: ceph.endpoint,
      AWS_ACCESS_KEY_ID: ceph.accessKey,
      AWS_SECRET_ACCESS_KEY: ceph.secretKey,
      AWS_REGION: ceph.region,
    };
    return { environment, stop: () => ceph.stop() };
  },
  "swift://fleet": async () => {
    const swift = await startSwift();
    await openStore(swift, "fleet");
    const environment = { ST_AUTH: swift.authUrl, ST_USER: swift.user, ST_KEY: swift.key };
    return { environment, stop: () => swift.stop() };
  },
};

for (const [place, open] of Object.entries(stores)) {
  describe(`in ${place}`, () => {
    const environment: Record<string, string> = {};
    const { folder, said, asked, failureCode, application, start } = publishingPlace(environment);
    let running: Running | undefined;
    before(async () => {
      running = await open();
      Object.assign(environment, running.environment);
      said("keygen", "--out", "web", "--no-passphrase");
    });
    after(() => running?.stop());
    const push = (version: string, source: string, target: string, ...more: readonly string[]) => [
      ...["push", source, "--service", "web", "--version", version, "--key", "web.key", ...more, target],
    ];

    test("a large release is pushed, found again, promoted back, yanked and pruned", () => {
      const target = `${place}/web`;
      writeFileSync(join(folder, "large"), randomBytes(40 * 1024 * 1024));

      const first = asked(...push("1.0.0", application("1"), target, "--channel", "stable"));
      const second = asked(...push("1.1.0", "large", target, "--channel", "stable"));
      const again = asked(...push("1.1.0", "large", target, "--channel", "stable"));
      const taken = failureCode(push("1.1.0", application("other"), target));
      said("promote", "web", "1.0.0", "--channel", "stable", "--key", "web.key", target);
      said("yank", "web", "1.1.0", "--reason", "bad", "--key", "web.key", target);
      const versions = asked("versions", "web", target).versions;
      const verified = asked("verify", target, "--key", "web.pub").documents;
      const pruned = asked("prune", "web", "--keep", "1", "--key", "web.key", target);

      assert.deepEqual([first.changed, second.uploaded, second.length], [true, true, 40 * 1024 * 1024]);
      assert.deepEqual([again.uploaded, again.changed, taken], [false, false, [1, "version-taken"]]);
      assert.deepEqual(
        versions.map(({ version, channels, yanked }: Record<string, { reason: string }>) => [
          version,
          channels,
          yanked?.reason,
        ]),
        [
          ["1.1.0", [], "bad"],
          ["1.0.0", ["stable"], undefined],
        ],
      );
      assert.equal(verified.length, 4);
      assert.deepEqual(pruned.removed, []);
    });

    test("six who push at the same moment are all listed, and hosts believe every document", async () => {
      const target = `${place}/crowd`;
      said(...push("1.0.0", application("begin"), target, "--channel", "stable"));
      const versions = ["1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0", "1.6.0"];

      const ended = await Promise.all(
        versions.map((version) => start(push(version, application(version), target, "--channel", "stable")).ended),
      );

      assert.deepEqual(
        ended.map(({ code, err }) => (code === 0 ? code : err)),
        versions.map(() => 0),
      );
      const listed = asked("versions", "web", target).versions.map(({ version }: { version: string }) => version);
      assert.deepEqual(listed.toSorted(), ["1.0.0", ...versions]);
      const [{ sequence }] = asked("channels", "web", target).channels;
      // Where a store cannot swap, who was overwritten writes again.
      assert.ok(place.startsWith("s3:") ? sequence === 7 : sequence >= 7, sequence);
      said("verify", target, "--key", "web.pub");
    });

    test("a push that was interrupted is finished by the same push", async () => {
      const target = `${place}/cut`;
      writeFileSync(join(folder, "larger"), randomBytes(64 * 1024 * 1024));
      const words = push("1.0.0", "larger", target, "--channel", "stable");
      const { child, ended } = start(words);
      child.stdout.on("data", (piece) => /uploading/.test(String(piece)) && child.kill("SIGINT"));

      const { code, err } = await ended;
      const after = failureCode(["channels", "web", target]);
      const again = asked(...words);

      assert.deepEqual([code, after], [130, [2, "nothing-published"]], err);
      assert.match(err, /"dropship push" was stopped before it had come to its end\.\n {2}Run the same command again/);
      assert.deepEqual([again.uploaded, again.channel.sequence], [true, 1]);
    });
  });
}
