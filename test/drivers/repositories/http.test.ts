import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { http } from "../../../src/drivers/repositories/http.ts";
import type { Repository } from "../../../src/drivers/repositories/repository.ts";
import { repositoryContract } from "../../contracts/repository.ts";
import { type SecureNginx, startNginx, startSecureNginx } from "../../servers/nginx.ts";
import { made, makeWorld, type World } from "./world.ts";

const never = new AbortController().signal;

for (const [label, folder, options] of [
  ["http (nginx)", "", {}],
  ["http (nginx, basic authentication)", "/auth", { user: "user", password: "pass", insecure: true }],
] as const) {
  repositoryContract(label, async () => {
    const nginx = await startNginx();
    return {
      repository: (name, ports) => made(http, { ...options, url: nginx.endpoint + folder }, { path: name }, ports),
      put: (name, content) => writeFile(join(nginx.www, name), content),
      remove: (name) => rm(join(nginx.www, name)),
      secrets: ["user:pass", Buffer.from("user:pass").toString("base64")],
      [Symbol.asyncDispose]: nginx[Symbol.asyncDispose],
    };
  });
}

describe("http", () => {
  let nginx: SecureNginx;
  let world: World;
  before(async () => {
    nginx = await startSecureNginx();
    world = await makeWorld();
    await writeFile(join(nginx.www, "one"), "one");
  });
  after(async () => {
    await world[Symbol.asyncDispose]();
    await nginx.stop();
  });

  const fetched = async (repository: Repository, file: string) => {
    const answer = await repository.check(undefined, never);
    assert.ok(answer.outcome === "found");
    const { marker } = answer;
    const path = join(world.folder, file);
    return world.download(repository, { marker, file: path, limit: 1e6, signal: never, onProgress: () => {} });
  };

  test("a wrong password is told apart from a missing file", async () => {
    const options = { url: `${nginx.endpoint}/auth`, user: "user", password: "wrong-pass", insecure: true };
    const repository = made(http, options, { path: "one" }, world.ports);

    await assert.rejects(repository.check(undefined, never), { code: "access-denied" });
  });

  test("a private authority is trusted when it is named, and only then", async () => {
    const named = made(http, { ca: nginx.certificate }, { url: `${nginx.secureEndpoint}/one` }, world.ports);
    const unnamed = made(http, {}, { url: `${nginx.secureEndpoint}/one` }, world.ports);

    assert.equal((await fetched(named, "tls")).size, 3);
    await assert.rejects(unnamed.check(undefined, never), { code: "tls-refused", message: /it is self-signed/ });
  });

  test("an authority file that is missing or holds no certificate is named", async () => {
    const missing = made(http, { ca: "/nowhere/ca.pem" }, { url: `${nginx.secureEndpoint}/one` }, world.ports);
    const wrong = made(http, { ca: join(nginx.www, "one") }, { url: `${nginx.secureEndpoint}/one` }, world.ports);

    await assert.rejects(missing.check(undefined, never), { code: "authority-unreadable", message: /ENOENT/ });
    await assert.rejects(wrong.check(undefined, never), { code: "authority-unreadable", message: /no certificate/ });
  });

  test("a server without ETags and one without ranges serve whole contents", async () => {
    for (const folder of ["noetag", "norange"]) {
      const repository = made(http, { url: `${nginx.endpoint}/${folder}` }, { path: "one" }, world.ports);

      const { size, marker } = await fetched(repository, folder);

      assert.equal(size, 3);
      assert.deepEqual(await repository.check(marker, never), { outcome: "unchanged" });
    }
  });

  test("names with blanks, signs and other scripts are found", async () => {
    for (const name of ["a b", "q?x=1&y#z", "50%", "ü ñ €", "plus+plus"]) {
      await writeFile(join(nginx.www, name), "content");
      const repository = made(http, { url: nginx.endpoint }, { path: name }, world.ports);

      assert.equal((await repository.check(undefined, never)).outcome, "found", name);
    }
  });

  test("a server that does not know HEAD is asked by GET", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.method ?? "");
      if (request.method === "HEAD") response.writeHead(405).end();
      else response.writeHead(request.headers["if-none-match"] === '"v1"' ? 304 : 200, { etag: '"v1"' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
    const repository = made(http, {}, { url }, world.ports);

    const answer = await repository.check(undefined, never);
    assert.ok(answer.outcome === "found");
    const second = await repository.check(answer.marker, never);
    server.closeAllConnections();
    server.close();

    assert.equal(second.outcome, "unchanged");
    assert.deepEqual(asked, ["HEAD", "GET", "GET"]);
  });

  test("a server that sends neither ETag nor Last-Modified is never believed that nothing changed", async () => {
    const server = createServer((_, response) => response.writeHead(200, { "content-length": 3 }).end("one"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
    const repository = made(http, {}, { url }, world.ports);

    const first = await fetched(repository, "unmarked");
    const second = await repository.check(first.marker, never);
    server.closeAllConnections();
    server.close();

    assert.equal(second.outcome, "found");
  });

  for (const [why, options, artifact] of [
    ["credentials over plain http", { url: "http://x", token: "t0ken" }, { path: "a" }],
    ["a user without password", { url: "https://x", user: "u" }, { path: "a" }],
    ["a token and a password", { url: "https://x", user: "u", password: "p", token: "t0ken" }, { path: "a" }],
    ["neither url nor path", { url: "https://x" }, {}],
    ["both url and path", { url: "https://x" }, { url: "https://x/a", path: "a" }],
    ["a path without an address", {}, { path: "a" }],
    ["a path that climbs", { url: "https://x/y" }, { path: "../a" }],
    ["another server than the repo block's", { url: "https://x", token: "t0ken" }, { url: "https://evil/a" }],
  ] as const) {
    test(`options are refused: ${why}`, () => {
      assert.throws(
        () => made(http, options, artifact, world.ports),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, "repository-misconfigured");
          assert.ok(!error.message.includes("t0ken"));
          return true;
        },
      );
    });
  }
});
