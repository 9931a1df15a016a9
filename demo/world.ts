import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The folder in which the whole demo takes place: five hosts, each with a folder of its own, and one for the artifacts. */
export interface World {
  readonly folder: string;
  readonly hosts: readonly Host[];
  /** Packs a release and puts it where the agents look; gives the commands as somebody would type them. */
  publish(release: GreeterRelease): readonly string[];
}

export interface Host {
  readonly name: string;
  readonly url: string;
  readonly configFile: string;
  /** The text of the service's file, as the agent reads it. */
  readonly serviceText: string;
}

export interface GreeterRelease {
  readonly version: string;
  readonly text: string;
  /** Leaves out a file that the service needs. */
  readonly incomplete?: boolean;
}

const fleetSize = 5;
const sources = join(import.meta.dirname, "greeter");

/** The Node of the project by its launcher, which knows where its library is: a hook inherits nothing of ours. */
function node(): string {
  const pinned = join(import.meta.dirname, "../node_modules/.bin/node");
  return existsSync(pinned) ? pinned : process.execPath;
}

export async function createWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "dropship-demo-"));
  for (const name of ["artifacts", "build"]) mkdirSync(join(folder, name), { mode: 0o755 });
  const ports = await freePorts(fleetSize);
  const hosts = ports.map((port, place) => createHost(folder, `web-${place + 1}`, port));
  return { folder, hosts, publish: (release) => publish(folder, release) };
}

function createHost(world: string, name: string, port: number): Host {
  const folder = join(world, name);
  for (const part of ["services", "state"]) mkdirSync(join(folder, part), { recursive: true, mode: 0o755 });
  for (const script of ["start.sh", "stop.sh"]) copyFileSync(join(sources, script), join(folder, script));
  const serviceText = serviceFile(world, folder, port);
  writeFileSync(join(folder, "services", "greeter.hcl"), serviceText);
  const configFile = join(folder, "dropship.hcl");
  writeFileSync(configFile, `host         = "${name}"\nservice_path = "services"\nstate_path   = "state"\n`);
  return { name, url: `http://127.0.0.1:${port}/`, configFile, serviceText };
}

function serviceFile(world: string, folder: string, port: number): string {
  return `service "greeter" {
  checkInterval = "500ms"

  rollout {
    limit = 1
    bake  = "500ms"
  }

  artifact "file" {
    path        = "${world}/artifacts/greeter.tar.gz"
    destination = "${folder}/greeter"
  }

  before "script" {
    command = "bash ${folder}/stop.sh"
  }
  after "script" {
    command = "bash ${folder}/start.sh"
    env     = { PORT = "${port}", NODE = "${node()}" }
  }
  health "http" {
    url      = "http://127.0.0.1:${port}/"
    interval = "250ms"
    deadline = "2s"
  }
  failure "script" {
    command = "tail -n 1 ${folder}/greeter.log"
  }
}
`;
}

function publish(folder: string, { version, text, incomplete }: GreeterRelease): readonly string[] {
  const build = join(folder, "build", version);
  mkdirSync(build);
  copyFileSync(join(sources, "server.js"), join(build, "server.js"));
  writeFileSync(join(build, "package.json"), JSON.stringify({ name: "greeter", version, type: "module" }));
  if (!incomplete) writeFileSync(join(build, "greeting.json"), JSON.stringify({ version, text }));
  pack(build, join(folder, "artifacts", "upload"));
  renameSync(join(folder, "artifacts", "upload"), join(folder, "artifacts", "greeter.tar.gz"));
  return [`tar -C build/${version} -czf artifacts/upload .`, "mv artifacts/upload artifacts/greeter.tar.gz"];
}

function pack(build: string, archive: string): void {
  try {
    execFileSync("tar", ["-C", build, "-czf", archive, "."], { stdio: "pipe" });
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (isMissing) throw new Error("The demo packs its releases with tar, and there is no tar here.", { cause: error });
    throw error;
  }
}

/** Ports that nobody listens on. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  return await Promise.all(servers.map(portOf)).finally(() => {
    for (const server of servers) server.close();
  });
}

async function portOf(server: ReturnType<typeof createServer>): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once("error", reject);
  server.once("listening", () => {
    const address = server.address();
    resolve(typeof address === "object" && address !== null ? address.port : 0);
  });
  return await promise;
}
