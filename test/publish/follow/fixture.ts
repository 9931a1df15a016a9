import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure, type FailureCode } from "../../../src/domain/failures/failure.ts";
import type { DocumentMemory } from "../../../src/domain/publishing/document-memory.ts";
import { parseWantedVersion } from "../../../src/domain/publishing/range.ts";
import type { Trust } from "../../../src/domain/publishing/trust.ts";
import type { Marker } from "../../../src/domain/release.ts";
import type { RolloutRelease } from "../../../src/domain/rollout/record.ts";
import type { FollowDeclaration } from "../../../src/domain/service.ts";
import { file } from "../../../src/drivers/repositories/file.ts";
import type { Repository, RepositoryPorts } from "../../../src/drivers/repositories/repository.ts";
import { cryptography } from "../../../src/platform/cryptography.ts";
import { followRepository } from "../../../src/publish/follow/follow-repository.ts";
import { day, monday, ours, trusting } from "../../domain/publishing/fixture.ts";
import { makeWorld } from "../../drivers/repositories/world.ts";
import { createPublisher, folderShelf, type Publisher, type Shelf } from "./publisher.ts";

const { signal } = new AbortController();

/** One host that follows what lies in a folder. Its process may end and begin anew; what it remembers stays. */
export interface Follower {
  readonly repository: Repository;
  /** What a check finds; `known`: what it knew before. */
  check(known?: Marker): Promise<Marker>;
  /** A check finds nothing new. */
  unchanged(known: Marker): Promise<void>;
  /** A check fails for this reason; gives its sentence. */
  refuses(code: FailureCode): Promise<string>;
  /** Another process, with other trust if need be. */
  again(more?: Partial<FollowerOptions>): Follower;
}

export interface FollowerOptions {
  readonly wanted: FollowDeclaration["wanted"];
  readonly trust: Trust | undefined;
  readonly memory: { known: DocumentMemory | undefined };
  readonly fleet?: RolloutRelease;
  readonly clock: { now: number };
  /** Another store than the folder. */
  readonly objectAt?: (key: string) => Repository;
}

export interface Place extends AsyncDisposable {
  readonly folder: string;
  readonly ports: RepositoryPorts;
  readonly shelf: Shelf;
  readonly publisher: Publisher;
  readonly clock: { now: number };
  /** Every request that was made, in words. */
  readonly requests: string[];
  /** An object in the folder. */
  objectAt(key: string): Repository;
  follow(wanted: string, more?: Partial<FollowerOptions>): Follower;
  /** Into a file of its own, so that nothing is continued. */
  download(repository: Repository, marker: Marker): Promise<{ readonly digest: string; readonly size: number }>;
}

/** "stable" is a channel; a version or a range begins with a digit or a bound. */
function wantedOf(text: string): FollowDeclaration["wanted"] {
  return /^[a-z]/.test(text) ? { channel: text } : parseWantedVersion(text);
}

export async function makePlace(key = ours as typeof ours | undefined): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "dropship-follow-"));
  const world = await makeWorld();
  const clock = { now: monday };
  const shelf = folderShelf(join(folder, "web"));
  const requests: string[] = [];
  let downloads = 0;
  const inFolder = (at: string) => {
    const inner = file.create({}, file.below({ path: join(folder, "web") }, at), world.ports);
    return counted(inner, at, requests);
  };
  const make = (options: FollowerOptions): Follower => {
    const { wanted, trust, memory, fleet, clock: time, objectAt = inFolder } = options;
    const follows: FollowDeclaration = { application: "web", wanted, ...(trust && { trust }) };
    const repository = followRepository(follows, {
      objectAt,
      memory: {
        read: () => memory.known,
        keep(next) {
          memory.known = JSON.parse(JSON.stringify(next)) as DocumentMemory;
        },
      },
      fleet: () => fleet,
      clock: { wall: () => time.now, monotonic: () => time.now },
      check: cryptography,
      built: monday - 100 * day,
    });
    return followerOf(repository, (more) => make({ ...options, ...more }));
  };
  return {
    folder,
    objectAt: inFolder,
    ports: world.ports,
    shelf,
    clock,
    requests,
    publisher: createPublisher(shelf, { key, created: () => clock.now }),
    follow: (wanted, more) =>
      make({
        wanted: wantedOf(wanted),
        trust: key && trusting([key]),
        memory: { known: undefined },
        clock,
        ...more,
      }),
    download: (repository, marker) =>
      world.download(repository, {
        marker,
        file: join(folder, `download-${downloads++}`),
        limit: 1e9,
        signal,
        onProgress: () => undefined,
      }),
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

function followerOf(repository: Repository, again: Follower["again"]): Follower {
  return {
    repository,
    again: (more = {}) => again(more),
    async check(known) {
      const answer = await repository.check(known, signal);
      assert.ok(answer.outcome === "found", "something new is found");
      return answer.marker;
    },
    async unchanged(known) {
      assert.deepEqual(await repository.check(known, signal), { outcome: "unchanged" });
    },
    async refuses(code) {
      const thrown = await repository.check(undefined, signal).then(
        (answer) => answer,
        (reason: unknown) => reason,
      );
      assert.ok(thrown instanceof Failure, `refused with ${code}, and not ${JSON.stringify(thrown)}`);
      assert.equal(thrown.code, code);
      return thrown.message;
    },
  };
}

function counted(inner: Repository, at: string, requests: string[]): Repository {
  return {
    ...inner,
    check(known, limit) {
      requests.push(`${known === undefined ? "ask" : "ask whether changed"}: ${at}`);
      return inner.check(known, limit);
    },
    open(marker, from, limit) {
      requests.push(`read: ${at}`);
      return inner.open(marker, from, limit);
    },
  };
}
