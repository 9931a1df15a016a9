import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { file, tarOf } from "../drivers/archives/tar-writer.ts";
import { publishingPlace } from "./publishing-place.ts";

const { folder, dropship, said, asked, failureCode, application } = publishingPlace();

said("keygen", "--out", "open", "--no-passphrase");
const openKey = ["--key", "open.key"];

test("from a key to a channel and back: each command says what it did", () => {
  const target = "file:fleet";
  const push = (version: string, ...more: readonly string[]) =>
    said("push", application(version), "--service", "web", "--version", version, ...openKey, ...more, target);

  const first = push("1.4.1", "--channel", "stable");
  const second = push("1.4.2");
  const again = push("1.4.2");
  const promoted = said("promote", "web", "1.4.2", "--channel", "stable", ...openKey, target);
  const back = said("promote", "web", "1.4.1", "--channel", "stable", ...openKey, target);
  const yanked = said("yank", "web", "1.4.2", "--reason", "loses sessions", ...openKey, target);
  const versions = said("versions", "web", target);
  const channels = said("channels", "web", target, "--trust", "open.pub");
  const verified = said("verify", target, "--key", "open.pub");

  assert.match(
    first,
    /^packing\nchecking\nuploading to file:\S+\nweb: published 1\.4\.1 in file:\S+\n {2}content {2}[0-9a-f]{64} \(tar\.zst, \d+ B, 1 entry\)\n {2}signed {3}by key [0-9a-f]{16}\n {2}channel {2}stable points at it \(number 1\)\n$/,
  );
  assert.match(second, /published 1\.4\.2/);
  assert.match(again, /web: 1\.4\.2 is published already; nothing was changed\n/);
  assert.equal(promoted, "web: channel stable now points at 1.4.2 (number 2)\n");
  assert.equal(back, "web: channel stable now points at 1.4.1 (number 3)\n");
  assert.equal(yanked, "web: 1.4.2 is yanked\n");
  assert.match(
    versions,
    /^VERSION +PUSHED +SIZE +CHANNELS +BY +YANKED\n1\.4\.2 .* ci@example +by ci@example: loses sessions\n1\.4\.1 .* stable +ci@example\n$/,
  );
  assert.match(channels, /^CHANNEL +VERSION +NUMBER +SINCE +BY\nstable +1\.4\.1 +3 .* ci@example\n$/);
  assert.equal(verified.match(/^ok /gm)?.length, 4);
});

test("with --json each of them prints one document that scripts can rely on", () => {
  const target = "file:scripted";
  const source = application("2");

  const pushed = asked("push", source, "--service", "web", "--version", "2", "--channel", "beta", ...openKey, target);
  const listed = asked("versions", "web", target);
  const channels = asked("channels", "web", target);
  const promoted = asked("promote", "web", "2.0", "--channel", "stable", ...openKey, target);
  const planned = asked("prune", "web", "--keep", "1", "--dry-run", target);
  const refreshed = asked("refresh", "web", "--channel", "beta", "--expires", "30d", ...openKey, target);
  const verified = asked("verify", target, "--key", "open.pub");

  const { sha256, key, signedBy, ...rest } = pushed;
  assert.equal(key, `artifacts/${sha256}.tar.zst`);
  assert.match(signedBy, /^[0-9a-f]{16}$/);
  assert.deepEqual([rest.version, rest.by, rest.uploaded, rest.changed], ["2", "ci@example", true, true]);
  assert.deepEqual(rest.channel, { name: "beta", sequence: 1 });
  assert.deepEqual([listed.versions[0].sha256, listed.versions[0].channels], [sha256, ["beta"]]);
  assert.deepEqual(channels.channels[0].sequence, 1);
  assert.deepEqual(promoted, {
    ...{ service: "web", channel: "stable", version: "2", sequence: 1, by: "ci@example", changed: true },
  });
  assert.deepEqual(planned, { service: "web", removed: [], artifacts: [], dryRun: true });
  assert.deepEqual(refreshed, { service: "web", refreshed: ["channels/beta"] });
  assert.deepEqual(
    verified.documents.map(({ says }: { says: string }) => says),
    [
      "channel beta of web: 2 (number 2)",
      "channel stable of web: 2 (number 1)",
      "1 versions of web (number 1)",
      "version 2 of web",
    ],
  );
});

describe("what is refused ends with a code and changes nothing:", () => {
  const target = "file:refusing";
  const push = (source: string, ...more: readonly string[]) => ["push", source, "--service", "web", ...more, target];
  said(...push(application("good"), "--version", "1.0.0", "--channel", "stable", ...openKey));
  writeFileSync(join(folder, "hostile.tar"), tarOf(file("../../etc/cron.d/x", "x")));
  const cases: readonly (readonly [what: string, words: readonly string[], code: number, failure: string])[] = [
    ["other content under a version", push(application("other"), "--version", "1.0.0", ...openKey), 1, "version-taken"],
    [
      "an archive that agents would refuse",
      push("hostile.tar", "--version", "1.1.0", ...openKey),
      1,
      "archive-unsafe-path",
    ],
    ["a source that is not there", push("nothing", "--version", "1.1.0", ...openKey), 2, "source-missing"],
    ["no version", push("app-good"), 2, "option-missing"],
    ["no target", ["versions", "web"], 2, "target-missing"],
    ["a target of no kind", ["versions", "web", "ftp:web"], 2, "target-invalid"],
    ["a place where nothing is", ["versions", "web", "file:empty"], 2, "nothing-published"],
    ["an unknown version", ["promote", "web", "9", "--channel", "stable", ...openKey, target], 2, "version-unknown"],
    ["no key where documents are signed", push("app-good", "--version", "1.1.0"), 2, "signing-key-needed"],
    ["a key file that is not there", push("app-good", "--version", "1.1.0", "--key", "no.key"), 2, "key-file-unusable"],
    [
      "the public half as a key",
      push("app-good", "--version", "1.1.0", "--key", "open.pub"),
      2,
      "signing-key-unreadable",
    ],
    ["another application", ["versions", "shop", target], 1, "document-misplaced"],
    ["a key in the place of another", ["keygen", "--out", "open", "--no-passphrase"], 2, "key-file-there"],
    ["a new key without a passphrase", ["keygen", "--out", "new"], 2, "new-passphrase-missing"],
    [
      "a time that is none",
      push("app-good", "--version", "1.1.0", "--expires", "soon", ...openKey),
      2,
      "option-not-a-duration",
    ],
    [
      "an unknown way to pack",
      push("app-good", "--version", "1.1.0", "--format", "rar", ...openKey),
      2,
      "argument-unknown",
    ],
  ];
  // Before anybody waits for the packing.
  for (const [what, words, remedy] of [
    ["a version that is none", push("app-good", "--version", "v1", ...openKey), /Write one to four numbers/],
    ["a channel that is none", push("app-good", "--version", "2", "--channel", "a b", ...openKey), /Use letters/],
    ["documents of another key", push("app-good", "--version", "2", "--key", "other.key"), /--trust/],
    ["no key where there was one", push("app-good", "--version", "2"), /--key/],
  ] as const) {
    test(`${what} is refused before the content is packed`, () => {
      if (!existsSync(join(folder, "other.key"))) said("keygen", "--out", "other", "--no-passphrase");

      const { code, out, err } = dropship(words);

      assert.ok(code === 1 || code === 2, out);
      assert.match(err, remedy);
      assert.doesNotMatch(out + err, /packing|checking/);
    });
  }

  for (const [what, words, code, failure] of cases) {
    test(what, () => {
      const before = readdirSync(join(folder, "refusing"), { recursive: true }).toSorted();

      assert.deepEqual(failureCode(words), [code, failure]);

      assert.deepEqual(readdirSync(join(folder, "refusing"), { recursive: true }).toSorted(), before);
    });
  }

  test("a document that somebody altered in a copy", () => {
    said(...push("app-good", "--version", "1.0.0", "--channel", "altered", ...openKey));
    const path = join(folder, "refusing", "channels", "altered");
    writeFileSync(path, readFileSync(path, "utf8").replace("1.0.0", "6.6.6"));

    // Without what stands beside them, as a mirror has them.
    rmSync(join(folder, "refusing", ".dropship"), { recursive: true });
    const { code, out } = dropship(["verify", "refusing/channels/altered", "--key", "open.pub", "--json"]);
    const whole = dropship(["verify", target, "--key", "open.pub"]);

    assert.deepEqual([code, JSON.parse(out).failure.code], [1, "document-signature-wrong"]);
    assert.equal(whole.code, 1);
    assert.match(whole.out, /^refused {2}\S+\/channels\/altered\n/m);
  });
});

test("an ignore file that was named stands in the place of the folder's own", () => {
  const source = application("ignoring");
  writeFileSync(join(folder, source, "secret"), "s");
  writeFileSync(join(folder, source, ".dropshipignore"), "run\n");
  writeFileSync(join(folder, "ignored"), "secret\n.dropshipignore\n");

  const push = (version: string, ...more: readonly string[]) =>
    asked("push", source, "--service", "web", "--version", version, "--format", "tar.gz", ...more, "file:ignoring");

  assert.notEqual(push("1").sha256, push("2", "--ignore-file", "ignored").sha256);
  const [archive = ""] = readdirSync(join(folder, "ignoring/artifacts")).filter((name) =>
    name.startsWith(push("2", "--ignore-file", "ignored").sha256),
  );
  const listed = spawnSync("tar", ["-tzf", join(folder, "ignoring/artifacts", archive)], { encoding: "utf8" });
  assert.equal(listed.stdout, "run\n");
});
