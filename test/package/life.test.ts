import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before } from "node:test";
import { until } from "../agent/fixture.ts";
import { administer } from "../drivers/stores/buckets.ts";
import { type Ceph, startCeph } from "../servers/ceph.ts";
import { startSystemdHost } from "../servers/systemd-host.ts";
import { makePackages, packageFolder } from "./packages.ts";
import { stepsOn } from "./steps.ts";
import { type WebHost, webHost, webRelease, webService, webUnit } from "./web-host.ts";

const folder = packageFolder();
let host: WebHost;
let ceph: Ceph;
let first = "";
let second = "";

before(
  async () => {
    [first = ""] = makePackages(join(folder, "one"), ["--deb-only", "--version", "0.1.0~one"]);
    [second = ""] = makePackages(join(folder, "two"), ["--deb-only", "--version", "0.1.0~two"]);
    ceph = await startCeph({ version: "20" });
    await administer(ceph.endpoint, ceph, "PUT", "/releases");
    host = webHost(await startSystemdHost("bookworm"));
  },
  { timeout: 170_000 },
);
after(async () => {
  await host?.stop();
  await ceph?.stop();
});

const step = stepsOn(() => host);

async function publish(version: string): Promise<void> {
  await administer(ceph.endpoint, ceph, "PUT", "/releases/web.tar.gz", {}, webRelease(version));
}

/** An update that is in the middle: the service is stopped, the slot is held. */
async function holdAnUpdateTo(version: string): Promise<void> {
  host.holdUpdates();
  await publish(version);
  await host.untilHeld();
}

/** A hook that has begun is waited for. */
async function goOnWhenItStops(): Promise<void> {
  await until("the agent stops", async () => (await host.property("ActiveState")) === "deactivating");
  host.goOn();
}

/** The slot that this host holds in its fleet, by the attempt that it is held for. */
async function slot(): Promise<string | undefined> {
  const { summary } = JSON.parse(await host.sh("dropship rollout web --json")) as Told;
  return summary.slots.find((held) => held.host === "bookworm")?.attempt;
}

interface History {
  readonly attempts: readonly { readonly id: string; readonly outcome: string }[];
}

interface Told {
  readonly summary: { readonly slots: readonly { readonly host: string; readonly attempt: string }[] };
}

step("apt installs the package on a bare Debian, and nothing runs before a service is declared", async () => {
  const noNode = await host.attempt("command -v node");

  const said = await host.install(first);

  assert.notEqual(noNode.code, 0);
  assert.match(said, /Setting up dropship/);
  assert.equal(await host.property("ActiveState"), "inactive");
  assert.equal(await host.property("ConditionResult"), "no");
  assert.equal(await host.sh("systemctl is-enabled dropship"), "enabled");
  assert.match(await host.sh("dropship version"), /^dropship \d.* \(Node v26/);
  assert.equal((await host.attempt("dropship validate")).code, 0);
});

step("the agent follows S3 with a secret from LoadCredential, and updates a real unit by systemctl", async () => {
  await publish("1");
  host.write("etc/systemd/system/web.service", webUnit);
  host.write("root/s3-secret", ceph.secretKey, 0o600);
  host.write(
    "etc/systemd/system/dropship.service.d/credentials.conf",
    "[Service]\nLoadCredential=s3-secret:/root/s3-secret\n",
  );
  host.write("etc/dropship.d/dropship.hcl", mainFile(ceph));
  host.write("etc/dropship.d/services/web.hcl", webService(artifact, "rollout { limit = 1 }"));

  await host.sh("systemctl daemon-reload; systemctl enable -q web; systemctl start dropship");

  assert.equal(await host.property("ActiveState"), "active");
  await host.untilRuns("1");
  await publish("2");
  await host.untilRuns("2");
  await until("the agent is at rest", async () => (await host.property("StatusText")) === "looks after 1 service");
  assert.equal((await host.attempt("dropship validate")).code, 0);
  assert.equal(await host.sh("journalctl -u dropship | grep -c testsecret || true"), "0");
});

step("the journal tells how urgent a line is, and the status what the agent does", async () => {
  await holdAnUpdateTo("3");

  await until("the status tells it", async () =>
    (await host.property("StatusText")).startsWith("web: running before hooks"),
  );
  const lines = (await host.sh("journalctl -u dropship -o json")).split("\n").map((line) => JSON.parse(line));

  host.goOn();
  await host.untilRuns("3");
  assert.ok(lines.some(({ PRIORITY, MESSAGE }) => PRIORITY === "6" && /an update begins/.test(MESSAGE)));
});

step("an agent that is killed in the middle of an update is started again and ends it", async () => {
  await holdAnUpdateTo("4");
  const before = await host.property("MainPID");

  await host.sh(`kill -KILL ${before}`);
  await until("another agent runs", async () => !["0", before].includes(await host.property("MainPID")));
  host.goOn();

  await host.untilRuns("4");
  assert.equal(await host.property("NRestarts"), "1");
});

step(
  "an agent that is stopped in the middle of an update leaves a service that runs, and goes on when it is started",
  async () => {
    await holdAnUpdateTo("5");

    const stopped = host.sh("systemctl stop dropship");
    await goOnWhenItStops();
    await stopped;
    const meanwhile = await host.running();
    const result = await host.property("Result");
    await host.sh("systemctl start dropship");

    await host.untilRuns("5");
    assert.ok(["4", "5"].includes(meanwhile ?? ""), `web ran ${meanwhile} meanwhile`);
    assert.equal(result, "success");
  },
);

step("an upgrade of the package in the middle of an update keeps the slot and ends with the new release", async () => {
  host.write("etc/dropship.d/dropship.hcl", `${host.read("etc/dropship.d/dropship.hcl")}# mine\n`);
  await holdAnUpdateTo("6");

  const before = await slot();
  const upgraded = host.install(second);
  await goOnWhenItStops();
  await upgraded;
  const state = await host.property("ActiveState");
  await host.untilRuns("6");

  assert.equal(state, "active");
  assert.equal(await host.sh("dpkg-query -W dropship"), "dropship\t0.1.0~two");
  assert.match(host.read("etc/dropship.d/dropship.hcl") ?? "", /# mine\n$/);
  // It is the attempt that held the slot that ends: nobody had to ask for another.
  await until("that attempt ended well", async () => {
    const { attempts } = JSON.parse(await host.sh("dropship history web --json")) as History;
    return attempts.some(({ id, outcome }) => id === before && outcome === "updated");
  });
});

step("a reboot in the middle of an update ends with the new release", async () => {
  await holdAnUpdateTo("7");
  const life = host.boot();

  const rebooted = host.reboot();
  await goOnWhenItStops();
  await rebooted;
  await host.untilUp(life);

  await host.untilRuns("7");
});

step("a power cut in the middle of an update ends with the new release", async () => {
  await holdAnUpdateTo("8");
  const life = host.boot();

  await host.restart("host");
  await host.untilUp(life);
  host.goOn();

  await host.untilRuns("8");
});

step("an agent that somebody has stopped stays stopped through an upgrade and a downgrade", async () => {
  await host.sh("systemctl stop dropship");

  await host.install(first, "--allow-downgrades");

  assert.equal(await host.property("ActiveState"), "inactive");
  await host.sh("systemctl start dropship");
  await publish("9");
  await host.untilRuns("9");
});

step("what a newer version remembers is refused unharmed, and is taken up again by that version", async () => {
  await host.sh("systemctl stop dropship");
  const journal = join(host.root, "var/lib/dropship/journal.db");
  const version = setJournalVersion(journal, 99);
  const before = readFileSync(journal);

  const start = await host.attempt("systemctl start dropship");
  await host.sh("systemctl stop dropship");
  const after = readFileSync(journal);
  setJournalVersion(journal, version);
  await host.sh("systemctl start dropship");

  assert.notEqual(start.code, 0);
  assert.match(await host.sh("journalctl -u dropship"), /was written by a newer Dropship/);
  assert.deepEqual(after, before);
  const { attempts } = JSON.parse(await host.sh("dropship history web --json")) as History;
  assert.ok(attempts.length > 5, `${attempts.length} attempts`);
});

step("remove stops the agent and nothing else; purge forgets what it knew, and the service runs on", async () => {
  const stands = (path: string) => existsSync(join(host.root, path));
  host.write("var/lib/dropship/mine/release", "somebody's own");
  // An agent that forgets its slot leaves it in the record, where only an operator frees it.
  await until("the last update has given its slot back", async () => (await slot()) === undefined);

  await host.sh("apt-get -y remove dropship </dev/null");
  const removed = { web: await host.running(), journal: stands("var/lib/dropship/journal.db") };
  const kept = host.read("etc/dropship.d/dropship.hcl") ?? "";
  await host.sh("apt-get -y purge dropship </dev/null");

  assert.deepEqual(removed, { web: "9", journal: true });
  assert.match(kept, /# mine/);
  assert.deepEqual(readdirSync(join(host.root, "var/lib/dropship")), ["mine"]);
  assert.equal(stands("etc/dropship.d/dropship.hcl"), false);
  assert.equal(stands("etc/dropship.d/services/web.hcl"), true);
  assert.equal(await host.running(), "9");
  await host.sh("systemctl restart web");
  await host.untilRuns("9");
});

step("an installation after that begins anew with what is declared, and starts the agent", async () => {
  host.write("etc/dropship.d/dropship.hcl", mainFile(ceph));

  await host.install(first);

  assert.equal(await host.property("ActiveState"), "active");
  await publish("10");
  await host.untilRuns("10");
  await host.sh("apt-get -y remove dropship </dev/null");
  await host.install(first);
  assert.equal(await host.property("ActiveState"), "active");
});

/** Makes the journal one of another version; gives that which it had. */
function setJournalVersion(path: string, version: number): number {
  const database = new DatabaseSync(path);
  try {
    const found = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
    database.exec(`PRAGMA user_version = ${version}; UPDATE meta SET value = ${version} WHERE name = 'schema'`);
    return found;
  } finally {
    database.close();
  }
}

const artifact = `artifact "s3" {
    bucket      = "releases"
    path        = "web.tar.gz"
    destination = "/srv/web"
  }`;

function mainFile({ endpoint, region, accessKey }: Ceph): string {
  return `service_path = "/etc/dropship.d/services"
repo "s3" {
  endpoint  = "${endpoint}"
  region    = "${region}"
  accessKey = "${accessKey}"
  secret    = file("/run/credentials/dropship.service/s3-secret")
}
`;
}
