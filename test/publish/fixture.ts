import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { usualMaxJump } from "../../src/domain/publishing/trust.ts";
import { createSecrets } from "../../src/domain/secrets.ts";
import { defaultLimits } from "../../src/domain/service.ts";
import { fileObjects } from "../../src/drivers/repositories/file/object-folder.ts";
import type { ObjectFolder } from "../../src/drivers/repositories/objects.ts";
import type { StorePorts } from "../../src/drivers/stores/store.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { cryptography } from "../../src/platform/cryptography.ts";
import { files } from "../../src/platform/files.ts";
import { createHttpClient } from "../../src/platform/http.ts";
import type { Logger } from "../../src/platform/ports.ts";
import { systemRandom } from "../../src/platform/random.ts";
import { prepareArtifact } from "../../src/publish/pack/prepare-artifact.ts";
import type { Publisher } from "../../src/publish/publisher.ts";
import { type Pushed, push } from "../../src/publish/push.ts";
import { makeKeyPair, openSigningKey, type SigningKey } from "../../src/publish/signing-key.ts";
import type { VerifyCourt } from "../../src/publish/verify.ts";

const silent: Logger = { log: () => undefined, with: () => silent };
const ports: StorePorts = {
  ...{ http: createHttpClient(), files, clock: systemClock, random: systemRandom },
  ...{ logger: silent, environment: {} },
};

export function emptyFolder(t: Pick<TestContext, "after">): string {
  const folder = mkdtempSync(join(tmpdir(), "dropship-publish-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const folderAt = (path: string): ObjectFolder => fileObjects(path, ports);

export async function newKey(): Promise<SigningKey & { readonly text: string }> {
  const pair = await makeKeyPair({ comment: "test" }, cryptography, createSecrets());
  const key = await openSigningKey({ text: pair.privateFile, place: "test" }, cryptography, createSecrets());
  return { ...key, text: pair.privateFile };
}

/** Publishes "web" as ann, on the machine's own clock. */
export function publisher(folder: ObjectFolder, more: Partial<Publisher> = {}): Publisher {
  return {
    ...{ folder, service: "web", by: "ann@laptop", trusted: [], adopts: false, limits: defaultLimits },
    ...{ check: cryptography, clock: systemClock, random: systemRandom },
    signal: AbortSignal.timeout(60_000),
    onRemark: () => undefined,
    ...more,
  };
}

/** Packs a folder with this content, and pushes it. */
export async function pushContent(
  by: Publisher,
  version: string,
  { content = version, channel, notes }: { content?: string; channel?: string; notes?: string } = {},
): Promise<Pushed> {
  const place = mkdtempSync(join(tmpdir(), "dropship-content-"));
  try {
    mkdirSync(join(place, "app"));
    writeFileSync(join(place, "app", "run"), content);
    await using artifact = await prepareArtifact({
      ...{ source: join(place, "app"), format: "tar.zst", limits: by.limits, scratch: place },
      ...{ signal: by.signal, onProgress: () => undefined, onRefused: () => undefined },
    });
    return await push(by, { artifact, version, channel, notes, onProgress: () => undefined });
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** As a host judges that trusts this key, and has seen nothing yet. */
export function courtOf({ publicKey }: Pick<SigningKey, "publicKey">): VerifyCourt {
  return { trust: { keys: [publicKey], maxJump: usualMaxJump }, floors: [], check: cryptography };
}

export async function rejectsWith(doing: Promise<unknown>, code: string, saying?: RegExp): Promise<void> {
  await assert.rejects(doing, (thrown: { readonly code?: string; readonly message: string }) => {
    assert.equal(thrown.code, code, String(thrown));
    if (saying !== undefined) assert.match(thrown.message, saying);
    return true;
  });
}
