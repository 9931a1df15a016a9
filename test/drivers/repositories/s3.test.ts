import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { encodedPath } from "../../../src/drivers/repositories/s3/signature.ts";
import { s3 } from "../../../src/drivers/repositories/s3.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { repositoryContract } from "../../contracts/repository.ts";
import { type Ceph, startCeph } from "../../servers/ceph.ts";
import { made, makeWorld, type World } from "./world.ts";

const never = new AbortController().signal;
const run = promisify(execFile);

/** A store with one bucket, and curl to fill it: its signing is not ours. */
interface Filled {
  readonly ceph: Ceph;
  readonly folder: string;
  curl(key: string, ...options: string[]): Promise<string>;
  put(key: string, content: Uint8Array, ...options: string[]): Promise<void>;
}

async function startFilled(version: "20" | "16"): Promise<Filled> {
  const ceph = await startCeph({ version });
  const folder = await mkdtemp(join(tmpdir(), "dropship-s3-"));
  const user = ["--aws-sigv4", `aws:amz:${ceph.region}:s3`, "-u", `${ceph.accessKey}:${ceph.secretKey}`];
  const curl = async (key: string, ...options: string[]) => {
    const common = ["-sS", "--fail-with-body", "-m", "60", "--path-as-is", ...user];
    const unsigned = ["-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"];
    return (await run("curl", [...common, ...unsigned, ...options, `${ceph.endpoint}/bucket${key}`])).stdout;
  };
  const put = async (key: string, content: Uint8Array, ...options: string[]) => {
    const file = join(folder, "upload");
    await writeFile(file, content);
    await curl(`/${encodedPath(key)}`, "-T", file, ...options);
  };
  await curl("", "-X", "PUT");
  return { ceph, folder, curl, put };
}

const keysOf = ({ ceph }: Filled) => ({ accessKey: ceph.accessKey, secret: ceph.secretKey, endpoint: ceph.endpoint });

for (const version of ["20", "16"] as const) {
  const label = `s3 (Ceph ${version})`;
  repositoryContract(label, async () => {
    const filled = await startFilled(version);
    return {
      repository: (name, ports) => made(s3, keysOf(filled), { bucket: "bucket", path: name }, ports),
      put: (name, content) => filled.put(name, content),
      remove: async (name) => void (await filled.curl(`/${name}`, "-X", "DELETE")),
      secrets: [filled.ceph.secretKey],
      async [Symbol.asyncDispose]() {
        await filled.ceph.stop();
        await rm(filled.folder, { recursive: true });
      },
    };
  });

  describe(label, () => {
    let filled: Filled;
    let world: World;
    before(async () => {
      filled = await startFilled(version);
      world = await makeWorld();
    });
    after(async () => {
      await world[Symbol.asyncDispose]();
      await filled.ceph.stop();
      await rm(filled.folder, { recursive: true });
    });

    const repositoryOf = (path: string, options = {}, artifact = {}) =>
      made(s3, { ...keysOf(filled), ...options }, { bucket: "bucket", path, ...artifact }, world.ports);
    const markerOf = async (path: string, artifact = {}) => {
      const answer = await repositoryOf(path, {}, artifact).check(undefined, never);
      assert.ok(answer.outcome === "found");
      return answer.marker;
    };

    test("keys with blanks, signs, other scripts, dots and doubled slashes are found", async () => {
      const keys = ["a b+c", "ü/ñ€/𝒳", "~t!'()*", "50%20", "a//b", "x/../y", "./z", "q?a=b&c#d", "a=b;c:d@e,f$"];
      for (const key of keys) {
        await filled.put(key, Buffer.from(key));

        const body = await repositoryOf(key).open(await markerOf(key), 0, never);

        assert.equal((await buffer(body.chunks)).toString(), key);
      }
    });

    test("an upload in one piece states its MD5", async () => {
      await filled.put("whole", Buffer.from("content"));

      const { md5 } = await markerOf("whole");

      assert.equal(md5, createHash("md5").update("content").digest("hex"));
    });

    test("the ETag of an upload in pieces is a token, not an MD5, and serves conditions and ranges", async () => {
      const parts = [randomBytes(5 * 1024 * 1024), randomBytes(1000)];
      const started = await filled.curl("/pieces?uploads=", "-X", "POST");
      const id = /<UploadId>(.+)<\/UploadId>/.exec(started)?.[1];
      const tags: string[] = [];
      for (const [index, part] of parts.entries()) {
        const file = join(filled.folder, "part");
        await writeFile(file, part);
        await filled.curl(`/pieces?partNumber=${index + 1}&uploadId=${id}`, "-T", file);
        tags.push(createHash("md5").update(part).digest("hex"));
      }
      const list = tags.map((tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>"${tag}"</ETag></Part>`);
      const document = `<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`;
      await filled.curl(`/pieces?uploadId=${id}`, "-X", "POST", "-d", document, "-H", "content-type: application/xml");

      const marker = await markerOf("pieces");
      const body = await repositoryOf("pieces").open(marker, 4_000_000, never);

      assert.match(marker.etag ?? "", /^"[0-9a-f]{32}-2"$/);
      assert.equal(marker.md5, undefined);
      assert.deepEqual(await repositoryOf("pieces").check(marker, never), { outcome: "unchanged" });
      assert.ok((await buffer(body.chunks)).equals(Buffer.concat(parts).subarray(4_000_000)));
    });

    test("the version of an object is known, and one version can be followed", async () => {
      const document = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
      await filled.curl("?versioning=", "-X", "PUT", "-d", document, "-H", "content-type: application/xml");
      await filled.put("kept", Buffer.from("one"));
      const first = await markerOf("kept");
      await filled.put("kept", Buffer.from("two, longer"));
      const second = await markerOf("kept");

      const pinned = repositoryOf("kept", {}, { objectVersion: first.version });
      const body = await pinned.open(await markerOf("kept", { objectVersion: first.version }), 0, never);

      assert.ok(first.version !== undefined && first.version !== second.version);
      assert.equal((await buffer(body.chunks)).toString(), "one");
      assert.match(pinned.artifact, /^s3:\/\/bucket\/kept \(version .+\)$/);
    });

    test("content that was stored with an encoding comes as it was uploaded", async () => {
      await filled.put("encoded", Buffer.from("not really gzip"), "-H", "content-encoding: gzip");

      const body = await repositoryOf("encoded").open(await markerOf("encoded"), 0, never);

      assert.equal((await buffer(body.chunks)).toString(), "not really gzip");
    });

    for (const [why, options, code] of [
      ["a wrong secret", { secret: "wrong-secret-key" }, "credentials-rejected"],
      ["an unknown access key", { accessKey: "nobody" }, "credentials-rejected"],
    ] as const) {
      test(`${why} is named`, async () => {
        await filled.put("there", Buffer.from("x"));

        await assert.rejects(repositoryOf("there", options).check(undefined, never), (error: Error) => {
          assert.equal((error as Error & { code: string }).code, code);
          assert.ok(!error.message.includes("wrong-secret-key"));
          return true;
        });
      });
    }

    test("a bucket that does not exist is named", async () => {
      const repository = repositoryOf("x", {}, { bucket: "nowhere" });

      await assert.rejects(repository.check(undefined, never), { code: "bucket-missing", message: /bucket nowhere/ });
    });

    test("a clock that is wrong is named as the reason", async () => {
      await using skewed = await makeWorld();
      const ports = { ...skewed.ports, clock: { ...systemClock, wall: () => systemClock.wall() - 20 * 60_000 } };
      const repository = made(s3, keysOf(filled), { bucket: "bucket", path: "there" }, ports);

      await assert.rejects(repository.check(undefined, never), {
        code: "clock-skewed",
        message: /(20m|19m59s) behind/,
      });
    });
  });
}
