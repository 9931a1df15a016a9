import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { Failure } from "../../src/domain/failures/failure.ts";
import type { Marker } from "../../src/domain/release.ts";
import type { Repository, RepositoryPorts } from "../../src/drivers/repositories/repository.ts";
import { makeWorld, type World } from "../drivers/repositories/world.ts";

/** One kind of repository, with a real store behind it. */
export interface RepositoryUnderTest extends AsyncDisposable {
  /** The repository of the artifact called `name` (letters and digits). */
  repository(name: string, ports: RepositoryPorts): Repository;
  /** Puts content there, as its users would; two contents of one name have different sizes. */
  put(name: string, content: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
  /** What must never be seen in a failure or a log line. */
  readonly secrets: readonly string[];
}

const never = new AbortController().signal;

/** What every repository promises, whatever store is behind it. */
export function repositoryContract(label: string, start: () => Promise<RepositoryUnderTest>): void {
  describe(`${label} keeps the contract of repositories:`, () => {
    let store: RepositoryUnderTest;
    let world: World;
    let count = 0;
    before(async () => {
      store = await start();
      world = await makeWorld();
    });
    after(async () => {
      await world[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    });

    const fresh = async (content: Uint8Array) => {
      const name = `artifact${count++}`;
      await store.put(name, content);
      return { name, repository: store.repository(name, world.ports) };
    };
    const found = async (repository: Repository, known?: Marker) => {
      const answer = await repository.check(known, never);
      assert.equal(answer.outcome, "found");
      return (answer as { marker: Marker }).marker;
    };
    const fetched = (repository: Repository, marker: Marker, file: string, signal = never, onProgress = () => {}) =>
      world.download(repository, { marker, file: join(world.folder, file), limit: 1e9, signal, onProgress });

    test("a check finds the artifact, and a second one with that marker says unchanged", async () => {
      const { repository } = await fresh(Buffer.from("one"));

      const marker = await found(repository);

      assert.equal(marker.size ?? 3, 3);
      assert.deepEqual(await repository.check(marker, never), { outcome: "unchanged" });
    });

    test("a check finds another upload under the same name", async () => {
      const { name, repository } = await fresh(Buffer.from("one"));
      const first = await found(repository);
      await store.put(name, Buffer.from("three"));

      const second = await found(repository, first);

      assert.notDeepEqual(second, first);
    });

    test("row 28: a missing artifact is a failure, also when it was there before", async () => {
      const { name, repository } = await fresh(Buffer.from("one"));
      const marker = await found(repository);
      await store.remove(name);

      await assert.rejects(repository.check(marker, never), { code: "artifact-missing" });
      await assert.rejects(repository.open(marker, 0, never), { code: "artifact-missing" });
      await assert.rejects(store.repository("never", world.ports).check(undefined, never), {
        code: "artifact-missing",
      });
    });

    test("the content can be opened at its start and in its middle", async () => {
      const content = randomBytes(300_000);
      const { repository } = await fresh(content);
      const marker = await found(repository);

      for (const from of [0, 1, 100_000, 299_999]) {
        const body = await repository.open(marker, from, never);
        assert.equal(body.from, from);
        assert.equal(body.total, content.length);
        assert.ok((await buffer(body.chunks)).equals(content.subarray(from)), `from ${from}`);
      }
    });

    test("row 34: content that was replaced since the check is not opened", async () => {
      const { name, repository } = await fresh(randomBytes(50_000));
      const marker = await found(repository);
      await store.put(name, randomBytes(60_000));

      await assert.rejects(repository.open(marker, 0, never), { code: "artifact-changed" });
      await assert.rejects(repository.open(marker, 20_000, never), { code: "artifact-changed" });
    });

    test("a large content is downloaded whole, with its digest, and progress is told now and then", async () => {
      const content = randomBytes(24 * 1024 * 1024);
      const { repository } = await fresh(content);
      const told: number[] = [];
      const marker = await found(repository);

      const result = await world.download(repository, {
        marker,
        file: join(world.folder, "large"),
        limit: content.length,
        signal: never,
        onProgress: (done) => told.push(done),
      });

      assert.equal(result.digest, createHash("sha256").update(content).digest("hex"));
      assert.equal(result.size, content.length);
      assert.ok(told.length < 100 && told.at(-1) === content.length, `${told}`);
      assert.ok((await readFile(join(world.folder, "large"))).equals(content));
    });

    test("a download that was stopped is continued where it was, by another process too", async () => {
      const content = randomBytes(8 * 1024 * 1024);
      const { repository } = await fresh(content);
      const marker = await found(repository);
      const stop = new AbortController();
      const halfway: Repository = {
        ...repository,
        async open(...request) {
          const body = await repository.open(...request);
          return { ...body, chunks: stopping(body.chunks, 5 * 1024 * 1024, stop) };
        },
      };
      await assert.rejects(fetched(halfway, marker, "stopped", stop.signal), { message: "enough" });
      const starts: number[] = [];

      const result = await fetched(noting(repository, starts), marker, "stopped");

      assert.equal(result.digest, createHash("sha256").update(content).digest("hex"));
      assert.ok(starts.length === 1 && starts[0]! >= 4 * 1024 * 1024, `started at ${starts}`);
    });

    test("what is left of another content is not continued", async () => {
      const { name, repository } = await fresh(randomBytes(3 * 1024 * 1024));
      await fetched(repository, await found(repository), "other");
      const content = randomBytes(2 * 1024 * 1024);
      await store.put(name, content);
      const starts: number[] = [];

      const result = await fetched(noting(repository, starts), await found(repository), "other");

      assert.equal(result.digest, createHash("sha256").update(content).digest("hex"));
      assert.deepEqual(starts, [0]);
    });

    test("an empty content is a content", async () => {
      const { repository } = await fresh(new Uint8Array());

      const result = await fetched(repository, await found(repository), "empty");

      assert.equal(result.size, 0);
    });

    test("more than the limit is refused", async () => {
      const { repository } = await fresh(randomBytes(2000));
      const marker = await found(repository);
      const file = join(world.folder, "limited");

      await assert.rejects(
        world.download(repository, { marker, file, limit: 1999, signal: never, onProgress: () => {} }),
        { code: "download-too-long" },
      );
    });

    test("a stopped caller gets its own reason", async () => {
      const { repository } = await fresh(Buffer.from("one"));
      const marker = await found(repository);
      const stopped = AbortSignal.abort(new Error("stopped by the caller"));

      await assert.rejects(fetched(repository, marker, "stopped-before", stopped), {
        message: "stopped by the caller",
      });
    });

    test("no secret is in its name, in a log line or in a failure", async () => {
      const repository = store.repository("absent", world.ports);
      const met = await repository.check(undefined, never).catch((error: unknown) => error);
      repository.close();

      assert.ok(met instanceof Failure);
      const said = [repository.artifact, ...world.lines, JSON.stringify(met.note), `${met.stack}${met.cause}`].join(
        "\n",
      );
      for (const secret of store.secrets) assert.ok(!said.includes(secret), secret);
    });
  });
}

function noting(repository: Repository, starts: number[]): Repository {
  return {
    ...repository,
    open: (marker, from, signal) => {
      starts.push(from);
      return repository.open(marker, from, signal);
    },
  };
}

async function* stopping(chunks: AsyncIterable<Uint8Array>, bytes: number, stop: AbortController) {
  let passed = 0;
  for await (const part of chunks) {
    yield part;
    passed += part.length;
    if (passed >= bytes) {
      stop.abort(new Error("enough"));
      return;
    }
  }
}
