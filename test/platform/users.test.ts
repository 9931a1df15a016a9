import assert from "node:assert/strict";
import { userInfo } from "node:os";
import { describe, test } from "node:test";
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
