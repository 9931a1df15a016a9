import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { blamesContent } from "../../../src/domain/blame.ts";
import { Failure } from "../../../src/domain/failures/failure.ts";
import { makePlace } from "./fixture.ts";

const files = (text: string) => ({ "page.txt": text });

test("row 33 and 46: the content, and every script in it, is what was signed, whatever the store says of the object", async () => {
  await using place = await makePlace();
  const { publisher, shelf } = place;
  const digest = await publisher.push("1.4.2", files("one"));
  await publisher.promote("1.4.2");
  const host = place.follow("stable");
  const marker = await host.check();
  const { key } = publisher.release("1.4.2").release.artifact;
  const right = readFileSync(join(place.folder, "web", key));
  const altered = Buffer.from(right);
  altered[20] = (altered[20] ?? 0) ^ 1;

  for (const wrong of [altered, right.subarray(1), Buffer.concat([right, right])]) {
    await shelf.put(key, wrong);
    const thrown = await place.download(place.follow("stable").repository, marker).catch((reason: unknown) => reason);
    assert.ok(thrown instanceof Failure);
    assert.equal(thrown.code, "artifact-not-as-published");
    assert.equal(blamesContent(thrown.code), false);
  }
  await shelf.put(key, right);
  await host.unchanged(marker);
  assert.equal((await place.download(host.repository, marker)).digest, digest);
});

test("a format that this version does not know is refused before anything is fetched", async () => {
  await using place = await makePlace();
  const { publisher } = place;
  await publisher.push("1.4.1", files("one"));
  const document = await publisher.promote("1.4.1");
  const { artifact } = document.release;
  const strange = { ...artifact, format: "tar.lz", key: artifact.key.replace("tar.gz", "tar.lz") };
  const release = { ...document.release, artifact: strange };
  await publisher.place("channels/stable", { ...document, sequence: 2, release });

  assert.match(await place.follow("stable").refuses("document-unreadable"), /format "tar.lz"/);
});

test("row 36: a document whose content is not there yet is a download that fails, and works later", async () => {
  await using place = await makePlace();
  const { publisher, shelf } = place;
  const digest = await publisher.push("1.4.2", files("one"));
  await publisher.promote("1.4.2");
  const { key } = publisher.release("1.4.2").release.artifact;
  const path = join(place.folder, "web", key);
  const bytes = readFileSync(path);
  rmSync(path);
  const host = place.follow("stable");
  const marker = await host.check();
  await assert.rejects(place.download(host.repository, marker), (thrown) => {
    return thrown instanceof Failure && thrown.code === "artifact-missing";
  });
  await shelf.put(key, bytes);
  assert.equal((await place.download(host.repository, marker)).digest, digest);
});
