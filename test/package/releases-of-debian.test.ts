import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startSystemdHost } from "../servers/systemd-host.ts";
import { makePackages, packageFolder } from "./packages.ts";
import { type WebHost, webHost, webRelease, webUnit } from "./web-host.ts";

const root = join(import.meta.dirname, "..", "..");
const folder = packageFolder();
const keys = join(folder, "keys");
let deb = "";

before(
  () => {
    [deb = ""] = makePackages(join(folder, "one"), ["--deb-only", "--version", "0.1.0~one"]);
  },
  { timeout: 170_000 },
);
after(() => {
  // Else the agent that gpg has started for the keys of this test would stay.
  if (existsSync(keys)) execFileSync("gpgconf", ["--kill", "all"], { env: gpgHome() });
});

function gpgHome(): NodeJS.ProcessEnv {
  return { ...process.env, GNUPGHOME: keys };
}

/** A signed repository with that package, as the script makes it. */
function repository(): string {
  const out = join(folder, "public");
  mkdirSync(keys, { mode: 0o700 });
  const key = ["--batch", "--passphrase", "", "--quick-generate-key", "releases@dropship.invalid", "ed25519", "sign"];
  execFileSync("gpg", key, { env: gpgHome(), stdio: "ignore" });
  const script = join(root, "scripts", "apt-repository.ts");
  execFileSync(process.execPath, [script, "--key", "releases@dropship.invalid", "--out", out, deb], { env: gpgHome() });
  return out;
}

/** One update by the installed package, of a real unit. */
async function followsAnArtifact(host: WebHost): Promise<void> {
  host.write("root/web.tar.gz", webRelease("1"));
  host.write("etc/systemd/system/web.service", webUnit);
  await host.sh("systemctl daemon-reload");
  // Finds the unit by itself.
  await host.sh("dropship init web --from /root/web.tar.gz --health 'systemctl is-active web'");
  await host.sh("systemctl start dropship; dropship update web");
  await host.untilRuns("1");
  host.write("root/web.tar.gz", webRelease("2"));
  await host.sh("dropship update web");
  await host.untilRuns("2");
}

test("Debian 11, the oldest: apt installs from a signed repository, and the agent updates a unit", async () => {
  await using server = await startSystemdHost("bullseye");
  const host = webHost(server);
  cpSync(repository(), join(host.root, "srv/repository"), { recursive: true });
  host.write("usr/share/keyrings/dropship.gpg", readFileSync(join(host.root, "srv/repository/dropship.gpg")));
  const source = "deb [signed-by=/usr/share/keyrings/dropship.gpg] file:/srv/repository stable main\n";
  host.write("etc/apt/sources.list.d/dropship.list", source);

  await host.sh("apt-get -q update || apt-get -q update");
  await host.sh("apt-get -y install dropship </dev/null");
  await followsAnArtifact(host);

  assert.equal(await host.sh("dpkg-query -W dropship"), "dropship\t0.1.0~one");
  assert.equal(await host.property("ActiveState"), "active");
});

test("a repository that somebody else has changed is refused by apt", async () => {
  await using server = await startSystemdHost("bullseye");
  const host = webHost(server);
  cpSync(join(folder, "public"), join(host.root, "srv/repository"), { recursive: true });
  host.write("usr/share/keyrings/dropship.gpg", readFileSync(join(host.root, "srv/repository/dropship.gpg")));
  const release = host.read("srv/repository/dists/stable/InRelease") ?? "";
  host.write("srv/repository/dists/stable/InRelease", release.replace("Label: Dropship", "Label: Dropshop"));
  const source = "deb [signed-by=/usr/share/keyrings/dropship.gpg] file:/srv/repository stable main\n";
  host.write("root/only.list", source);

  const updated = await host.attempt("apt-get -q update -o Dir::Etc::sourcelist=/root/only.list 2>&1");

  assert.match(updated.out, /BADSIG|not signed/);
});

test("Debian 13: apt installs the package beside a configuration that was there before, and the agent updates a unit", async () => {
  await using server = await startSystemdHost("trixie");
  const host = webHost(server);
  const mine = '# mine\nservice_path = "/etc/dropship.d/services"\n';
  host.write("etc/dropship.d/dropship.hcl", mine);

  await host.install(deb);
  await followsAnArtifact(host);

  assert.equal(host.read("etc/dropship.d/dropship.hcl"), mine);

  assert.equal(await host.property("ActiveState"), "active");
});
