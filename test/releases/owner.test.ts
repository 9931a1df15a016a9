import assert from "node:assert/strict";
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { accounts } from "../../src/platform/accounts.ts";
import type { Accounts } from "../../src/platform/ports.ts";
import { resolveOwner } from "../../src/releases/owner.ts";
import { arrange, older } from "./fixture.ts";

/** A machine with one user and one group, seen by root or by that user. */
const seenBy = (uid: number): Accounts => ({
  self: () => ({ uid, gid: uid }),
  user: async (name) => (name === "web" ? { uid: 33, gid: 33 } : undefined),
  group: async (name) => (name === "staff" ? 50 : undefined),
});
const root = seenBy(0);

describe("an owner", () => {
  test("brings their own group unless another is named", async () => {
    assert.deepEqual(await resolveOwner(root, "web"), { uid: 33, gid: 33 });
    assert.deepEqual(await resolveOwner(root, "web", "staff"), { uid: 33, gid: 50 });
    assert.deepEqual(await resolveOwner(root, undefined, "staff"), { gid: 50 });
    assert.deepEqual(await resolveOwner(root), {});
  });

  test("may be a number that no name stands for", async () => {
    assert.deepEqual(await resolveOwner(root, "1234", "0"), { uid: 1234, gid: 0 });
  });

  test("that this machine does not have is refused", async () => {
    for (const name of ["nobody-here", "-1", "4294967295", "99999999999", ""]) {
      await assert.rejects(resolveOwner(root, name), { code: "owner-unknown" });
      await assert.rejects(resolveOwner(root, "web", name), { code: "owner-unknown" });
    }
  });

  test("other than the agent itself needs root", async () => {
    assert.deepEqual(await resolveOwner(seenBy(33), "web"), { uid: 33, gid: 33 });
    await assert.rejects(resolveOwner(seenBy(1000), "web"), { code: "owner-needs-root" });
    await assert.rejects(resolveOwner(seenBy(33), "web", "staff"), { code: "owner-needs-root" });
  });

  test("is found in the accounts of this machine", async () => {
    const daemon = await accounts.user("daemon");

    assert.equal(daemon?.uid, 1);
    assert.equal(await accounts.group("daemon"), 1);
    assert.equal(await accounts.group("no-such-group"), undefined);
  });

  test("gets the whole release, its own folder included", async (t) => {
    const { store, stage } = arrange(t);

    await stage("v1", older, { owner: "daemon" });

    for (const path of ["v1", "v1/app.txt", "v1/lib/code.txt"]) {
      const { uid, gid } = lstatSync(join(store.place.releases, path));
      assert.deepEqual({ path, uid, gid }, { path, uid: 1, gid: 1 });
    }
    assert.equal(lstatSync(store.place.releases).uid, process.getuid?.());
  });
});
