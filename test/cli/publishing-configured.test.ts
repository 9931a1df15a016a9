import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { publishingPlace } from "./publishing-place.ts";

const { folder, dropship, said, asked, failureCode, application } = publishingPlace();
said("keygen", "--out", "web", "--no-passphrase");
said("keygen", "--out", "other", "--no-passphrase");
mkdirSync(join(folder, "state"), { mode: 0o700 });

/** A main file with these services, and what else stands in it. */
function configured(name: string, ...blocks: readonly string[]): readonly string[] {
  const file = join(folder, name);
  writeFileSync(file, [`state_path = "${folder}/state"`, ...blocks].join("\n"), { mode: 0o600 });
  return ["--config", file];
}

function follower(service: string, lines: string, repository = "file"): string {
  return `service "${service}" {
  artifact "${repository}" {
    ${lines}
    channel     = "stable"
    destination = "${folder}/current-${service}"
  }
}`;
}

const trust = `trust { key = file("${folder}/web.pub") }`;
const key = ["--key", "web.key"];

describe("without a target", () => {
  test("the configuration says where an application is, by the service or by what it follows", () => {
    const path = `path = "${folder}/shop"`;
    const config = configured("shop.hcl", trust, follower("shop-next", `${path}\n    application = "shop"`));
    const words = ["push", application("s"), "--service", "shop", "--version", "1", "--channel", "stable", ...key];

    const pushed = asked(...words, ...config);
    const byService = asked("channels", "shop-next", ...config);
    const byApplication = asked("versions", "shop", ...config);
    const verified = said("verify", `file:${folder}/shop`, "--key", "web.pub");

    assert.deepEqual([pushed.service, pushed.place], ["shop", `file:${folder}/shop`]);
    assert.deepEqual([byService.channels[0].version, byApplication.versions[0].version], ["1", "1"]);
    assert.match(verified, /channel stable of shop: 1 /);
  });

  test("what is listed is judged by the trust block", () => {
    const config = configured("judged.hcl", trust, follower("judged", `path = "${folder}/judged"`));
    const target = `file:${folder}/judged`;
    said("push", application("j"), "--service", "judged", "--version", "1", "--key", "other.key", target);

    assert.deepEqual(failureCode(["versions", "judged", ...config]), [1, "document-key-unknown"]);
    assert.equal(asked("versions", "judged", target).versions.length, 1);
  });

  test("what the hosts of this configuration would refuse is refused", () => {
    const config = configured("tight.hcl", follower("tight", `path = "${folder}/tight"\n    maxEntries = 1`));
    const source = application("tight");
    writeFileSync(join(folder, source, "second"), "one too many");
    const words = ["push", source, "--service", "tight", "--version", "1"];

    const [code, refused] = failureCode([...words, ...config]);

    assert.deepEqual([code, refused], [1, "source-refused"]);
    said(...words, `file:${folder}/tight`);
  });

  test("a key that hosts trust already may be replaced by the one that signs", () => {
    const path = `path = "${folder}/rotated"`;
    const both = `trust { keys = [file("${folder}/web.pub"), file("${folder}/other.pub")] }`;
    const config = configured("rotated.hcl", both, follower("rotated", path));
    said("push", application("r"), "--service", "rotated", "--version", "1", "--channel", "stable", ...key, ...config);

    said("refresh", "rotated", "--key", "other.key", ...config);

    said("verify", `file:${folder}/rotated`, "--key", "other.pub");
  });

  const refused: readonly (readonly [what: string, config: () => readonly string[], code: number, failure: string])[] =
    [
      [
        "no service follows it",
        () => configured("none.hcl", trust, follower("other", 'path = "/x"')),
        2,
        "target-missing",
      ],
      ["there is no configuration", () => ["--config", join(folder, "missing.hcl")], 2, "target-missing"],
      [
        "the configuration has errors",
        () => configured("bad.hcl", follower("web", 'pathh = "/x"')),
        4,
        "config-refused",
      ],
      [
        "nothing can be written there",
        () => configured("http.hcl", trust, follower("web", 'url = "https://a.example/web"', "http")),
        2,
        "target-invalid",
      ],
    ];
  for (const [what, config, code, failure] of refused) {
    test(`it is refused where ${what}`, () => {
      assert.deepEqual(failureCode(["versions", "web", ...config()]), [code, failure]);
    });
  }

  test("secrets of the configuration are not shown", () => {
    const repo =
      'repo "s3" {\n  endpoint = "http://127.0.0.1:9"\n  accessKey = "AKIDEXAMPLE"\n  secret = "wJalrXUtnFEMI"\n  region = "here"\n}';
    const config = configured("secret.hcl", trust, repo, follower("web", 'bucket = "b"\n    path = "web"', "s3"));

    const { code, out, err } = dropship(["versions", "web", ...config]);

    assert.equal(code, 5);
    assert.match(err, /127\.0\.0\.1:9/);
    assert.ok(!`${out}${err}`.includes("wJalrXUtnFEMI"));
    assert.ok(readFileSync(join(folder, "secret.hcl"), "utf8").includes("wJalrXUtnFEMI"));
  });
});
