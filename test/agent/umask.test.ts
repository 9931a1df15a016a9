import assert from "node:assert/strict";
import { lstatSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createHost, service, until } from "./fixture.ts";

/** The mode of everything below a folder, by path. */
function modesBelow(folder: string): readonly (readonly [path: string, mode: number])[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => {
    const stats = lstatSync(join(folder, name));
    return [name, stats.isSymbolicLink() ? 0 : stats.mode & 0o7777] as const;
  });
}

for (const umask of [0o000, 0o077]) {
  const shown = umask.toString(8).padStart(3, "0");
  test(`under umask ${shown} the state is the agent's alone, and a release can be read but not written by others`, async () => {
    const before = process.umask(umask);
    const host = createHost();
    try {
      host.upload("web", { version: "1", other: "x" });
      host.configure(service(host, "web"));
      const agent = await host.start();
      process.umask(before);
      await until("the release runs", () => host.read("srv/web/version") === "1");
      await until("it is good", async () => (await agent.operations.history("web", 1))[0]?.outcome === "updated");

      assert.equal(lstatSync(host.statePath).mode & 0o777, 0o700);
      const release = realpathSync(host.path("srv/web"));
      assert.equal(lstatSync(release).mode & 0o777, 0o755);
      for (const [path, mode] of modesBelow(release)) assert.equal(mode & 0o777, 0o644, path);
      for (const [path, mode] of modesBelow(host.path("srv"))) assert.equal(mode & 0o022, 0, path);
      await agent.end();
    } finally {
      process.umask(before);
      await host.clean();
    }
  });
}
