import assert from "node:assert/strict";
import { test } from "node:test";
import { ownMarkers } from "../../src/agent/own-markers.ts";
import { type Marker, sameMarker } from "../../src/domain/release.ts";
import type { Repository } from "../../src/drivers/repositories/repository.ts";

/** A store whose artifacts all have one ETag, as servers make them of size and age. */
function store(artifact: string): { readonly repository: Repository; readonly asked: (Marker | undefined)[] } {
  const asked: (Marker | undefined)[] = [];
  const marker = { etag: '"5f-1000"', size: 1000 };
  const repository: Repository = {
    artifact,
    async check(known) {
      asked.push(known);
      return sameMarker(known, marker) ? { outcome: "unchanged" } : { outcome: "found", marker };
    },
    open: async () => ({ from: 0, marker, chunks: (async function* () {})() }),
    close: () => undefined,
  };
  return { repository: ownMarkers(repository), asked };
}

const { signal } = new AbortController();

test("what is remembered of another artifact is no answer about this one, even with the same ETag", async () => {
  const [one, other] = [store("http://store/one.tar.gz"), store("http://store/other.tar.gz")];

  const first = await one.repository.check(undefined, signal);
  assert.ok(first.outcome === "found");
  const second = await other.repository.check(first.marker, signal);

  assert.equal(second.outcome, "found");
  assert.deepEqual(other.asked, [undefined]);
  assert.ok(second.outcome === "found" && !sameMarker(first.marker, second.marker));
});

test("what is remembered of the same artifact still counts", async () => {
  const { repository } = store("http://store/one.tar.gz");

  const first = await repository.check(undefined, signal);
  assert.ok(first.outcome === "found");

  assert.equal((await repository.check(first.marker, signal)).outcome, "unchanged");
  assert.ok(sameMarker((await repository.open(first.marker, 0, signal)).marker, first.marker));
});
