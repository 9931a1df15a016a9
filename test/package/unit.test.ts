import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import { until } from "../agent/fixture.ts";
import { startSystemdHost } from "../servers/systemd-host.ts";
import { makePackages, packageFolder } from "./packages.ts";
import { stepsOn } from "./steps.ts";
import { type WebHost, webHost, webRelease, webService, webUnit } from "./web-host.ts";

const folder = packageFolder();
let host: WebHost;
const step = stepsOn(() => host);

before(
  async () => {
    const [deb = ""] = makePackages(folder, ["--deb-only"]);
    host = webHost(await startSystemdHost("bookworm"));
    await host.install(deb);
    host.write("root/web.tar.gz", webRelease("1"));
    host.write("etc/systemd/system/web.service", webUnit);
    const artifact = 'artifact "file" {\n    path = "/root/web.tar.gz"\n    destination = "/srv/web"\n  }';
    host.write("etc/dropship.d/services/web.hcl", webService(artifact));
    await host.sh("systemctl daemon-reload; systemctl start dropship");
    await host.untilRuns("1");
  },
  { timeout: 170_000 },
);
after(async () => {
  await host?.stop();
});

step("systemd has nothing to say against the unit", async () => {
  const { code, err } = await host.attempt("systemd-analyze verify --man=no dropship.service");

  assert.deepEqual([code, err], [0, ""]);
});

step("the unit is as exposed as the guide says", async () => {
  const guide = readFileSync(join(import.meta.dirname, "../../docs/guide/packages.md"), "utf8");
  const said = /`systemd-analyze security dropship` calls that \*\*([\d.]+)\*\*/.exec(guide)?.[1];

  const analysis = await host.sh("systemd-analyze security dropship --no-pager");

  assert.match(analysis, new RegExp(`exposure level for dropship.service: ${said} `));
});

step("a hook may write where software goes, but neither to /usr nor to what is the kernel's", async () => {
  const tries = ["etc/tried", "srv/tried", "tmp/tried", "usr/tried", "proc/sys/kernel/hostname", "boot/tried"];
  const lines = tries.map((path) => `echo tried >/${path} && echo /${path} >>/root/could`);
  host.write("root/try.sh", `${lines.join("\n")}\ntrue\n`);
  const service = host.read("etc/dropship.d/services/web.hcl") ?? "";
  const hook = 'before "script" { command = "sh /root/try.sh" }';
  host.write("etc/dropship.d/services/web.hcl", service.replace('before "script"', `${hook}\n  before "script"`));
  await host.sh("systemctl reload dropship");

  host.write("root/web.tar.gz", webRelease("2"));
  await host.untilRuns("2");

  assert.equal(host.read("root/could"), "/etc/tried\n/srv/tried\n/tmp/tried\n");
  host.write("etc/dropship.d/services/web.hcl", service);
  await host.sh("systemctl reload dropship");
});

step("an agent that hangs is ended by the watchdog and started again", async () => {
  host.write("etc/systemd/system/dropship.service.d/watchdog.conf", "[Service]\nWatchdogSec=8\n");
  await host.sh("systemctl daemon-reload; systemctl restart dropship");
  const before = await host.property("MainPID");

  await host.sh(`kill -STOP ${before}`);

  await until("another agent runs", async () => !["0", before].includes(await host.property("MainPID")));
  assert.match(await host.sh("journalctl -u dropship"), /Watchdog timeout/);
});
