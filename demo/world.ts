import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The folder in which the whole demo takes place. */
export interface World {
  readonly folder: string;
  readonly url: string;
  readonly configFile: string;
  /** The text of the service's file, as the agent reads it. */
  readonly serviceText: string;
  /** Packs a release and puts it where the agent looks; gives the commands as somebody would type them. */
  publish(release: GreeterRelease): readonly string[];
  /** Stops the service, if it runs, and removes the folder. */
  destroy(): void;
}

export interface GreeterRelease {
  readonly version: string;
  readonly text: string;
  /** Leaves out a file that the service needs. */
  readonly incomplete?: boolean;
}

const sources = join(import.meta.dirname, "greeter");

/** The Node of the project by its launcher, which knows where its library is: a hook inherits nothing of ours. */
function node(): string {
  const pinned = join(import.meta.dirname, "../node_modules/.bin/node");
  return existsSync(pinned) ? pinned : process.execPath;
}

export async function createWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "dropship-demo-"));
  const port = await freePort();
  for (const name of ["artifacts", "build", "services", "state"]) mkdirSync(join(folder, name), { mode: 0o755 });
  for (const name of ["start.sh", "stop.sh"]) copyFileSync(join(sources, name), join(folder, name));
  const serviceText = serviceFile(folder, port);
  writeFileSync(join(folder, "services", "greeter.hcl"), serviceText);
  const configFile = join(folder, "dropship.hcl");
  writeFileSync(configFile, 'service_path = "services"\nstate_path   = "state"\n');
  return {
    folder,
    url: `http://127.0.0.1:${port}/`,
    configFile,
    serviceText,
    publish: (release) => publish(folder, release),
    destroy: () => destroy(folder),
  };
}

function serviceFile(folder: string, port: number): string {
  return `service "greeter" {
  checkInterval = "500ms"
  bake          = "1s"

  artifact "file" {
    path        = "${folder}/artifacts/greeter.tar.gz"
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
    interval = "500ms"
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

function destroy(folder: string): void {
  try {
    process.kill(Number(readFileSync(join(folder, "greeter.pid"), "utf8")), "SIGKILL");
  } catch {
    // It does not run.
  }
  rmSync(folder, { recursive: true, force: true });
}

/** A port that nobody listens on. */
function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.on("error", reject);
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
  });
  return promise;
}
