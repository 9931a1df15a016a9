import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ServiceDeclaration } from "../../src/domain/service.ts";
import { releasePlace } from "../../src/releases/layout.ts";

const declared = (name: string, destination: string, releases?: string) =>
  ({ name, artifact: { destination }, layout: "symlink", releases }) as unknown as ServiceDeclaration;

describe("the place of a service's releases", () => {
  test("is beside its destination, or where the config says", () => {
    assert.equal(releasePlace(declared("web", "/srv/app")).releases, "/srv/.dropship/web");
    assert.equal(releasePlace(declared("web", "/srv/app", "/data/web")).releases, "/data/web");
  });

  test("is that of one service alone, whatever it is called", () => {
    const folders = ["a/b", "a-b", "a%2Fb", "..", ".", ".hidden", "a b", "ä"].map(
      (name) => releasePlace(declared(name, "/srv/app")).releases,
    );

    assert.equal(new Set(folders).size, folders.length);
    assert.ok(
      folders.every((folder) => /^\/srv\/\.dropship\/[^/.][^/]*$/.test(folder)),
      folders.join(),
    );
  });

  test("knows no slash at the end, which would mean what the link leads to", () => {
    assert.equal(releasePlace(declared("web", "/srv/app/")).destination, "/srv/app");
  });
});
