import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { accounts } from "../../src/platform/accounts.ts";
import { findUser } from "../../src/platform/users.ts";

describe("a user of this system", () => {
  test("is found by name and by number", async () => {
    const { username, uid, gid, homedir } = userInfo();

    assert.deepEqual(await findUser(username), { name: username, uid, gid, home: homedir });
    assert.deepEqual(await findUser(String(uid)), { name: username, uid, gid, home: homedir });
  });

  test("is not found when there is none, nor by what looks like an option or a path", async () => {
    for (const wrong of ["no-such-user", "4000000123", "--help", "-s", "../passwd", "root:x", "\n", "root\nnobody"]) {
      assert.equal(await findUser(wrong), undefined, wrong);
    }
  });
});

test("the agent's own PATH chooses no program that answers for the name service", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "dropship-users-"));
  const kept = { ...process.env };
  t.after(async () => {
    process.env = kept;
    await rm(folder, { recursive: true });
  });
  await writeFile(join(folder, "getent"), "#!/bin/sh\necho root:x:4242:4242::/evil:/bin/sh\n", { mode: 0o755 });
  process.env["PATH"] = `${folder}:${kept["PATH"]}`;

  assert.equal((await findUser("root"))?.uid, 0);
  assert.equal(await accounts.group("root"), 0);
});
