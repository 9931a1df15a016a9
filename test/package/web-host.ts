import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { until } from "../agent/fixture.ts";
import type { SystemdHost } from "../servers/systemd-host.ts";

/** A host with the package, which follows an artifact that a real unit runs from. */
export interface WebHost extends SystemdHost {
  write(path: string, content: string | Uint8Array, mode?: number): void;
  read(path: string): string | undefined;
  /** Installs or upgrades with apt; nobody is there to answer a question. */
  install(deb: string, ...options: string[]): Promise<string>;
  /** What the unit "web" says that it runs; undefined when it does not run. */
  running(): Promise<string | undefined>;
  untilRuns(version: string): Promise<void>;
  /** From now on the hook before the switch waits for `goOn`. */
  holdUpdates(): void;
  /** Waits until an update is held. */
  untilHeld(): Promise<void>;
  goOn(): void;
  property(name: string): Promise<string>;
}

export function webHost(host: SystemdHost): WebHost {
  const at = (path: string) => join(host.root, path);
  const read = (path: string) => (existsSync(at(path)) ? readFileSync(at(path), "utf8") : undefined);
  const write: WebHost["write"] = (path, content, mode = 0o644) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content);
    chmodSync(at(path), mode);
  };
  const running = async () =>
    (await host.attempt("systemctl is-active web")).code === 0 ? read("root/web-runs") : undefined;
  return {
    ...host,
    read,
    write,
    running,
    async install(deb, ...options) {
      copyFileSync(deb, at(`root/${basename(deb)}`));
      // A mirror may be in the middle of a change.
      await host.sh("apt-get -q update || apt-get -q update");
      return await host.sh(`apt-get -y ${options.join(" ")} install "/root/${basename(deb)}" </dev/null 2>&1`);
    },
    async untilRuns(version) {
      await until(`web runs ${version}`, async () => (await running()) === version);
    },
    holdUpdates: () => write("root/hold", ""),
    async untilHeld() {
      await until("an update is held", () => existsSync(at("root/held")));
    },
    goOn() {
      for (const name of ["root/hold", "root/held"]) rmSync(at(name), { force: true });
    },
    property: async (name) => await host.sh(`systemctl show dropship --property=${name} --value`),
  };
}

/** The unit that runs from the release: it says what it runs, and stays. */
export const webUnit = `[Service]
ExecStart=/srv/web/run
[Install]
WantedBy=multi-user.target
`;

/** The configuration of a service "web"; `artifact` is its block, `more` stands beside it. */
export function webService(artifact: string, more = ""): string {
  return `service "web" {
  checkInterval = "1s"
  ${artifact}
  ${more}
  before "script" {
    command = "systemctl stop web; if [ -e /root/hold ]; then touch /root/held; fi; while [ -e /root/hold ]; do sleep 0.1; done"
    timeout = "70s"
  }
  after "script" { command = "systemctl start web" }
  health "script" { command = "systemctl is-active web && [ -e /root/web-runs ]" }
}
`;
}

/** Packs a release of "web" that says this version. */
export function webRelease(version: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "dropship-web-"));
  try {
    const script = `#!/bin/sh\nprintf %s '${version}' >/root/web-runs\nexec sleep infinity\n`;
    writeFileSync(join(folder, "run"), script);
    chmodSync(join(folder, "run"), 0o755);
    execFileSync("tar", ["-czf", join(folder, "web.tar.gz"), "-C", folder, "run"]);
    return readFileSync(join(folder, "web.tar.gz"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
