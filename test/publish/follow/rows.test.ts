import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Failure } from "../../../src/domain/failures/failure.ts";
import type { Repository } from "../../../src/drivers/repositories/repository.ts";
import { day, monday, ours, testKey, theirs, trusting } from "../../domain/publishing/fixture.ts";
import { makePlace } from "./fixture.ts";

const { signal } = new AbortController();
const files = (text: string) => ({ "page.txt": text });

describe("what is followed costs one request as long as nothing changes:", () => {
  for (const wanted of ["stable", "1.4.2", "~> 1.4"]) {
    test(wanted, async () => {
      await using place = await makePlace();
      const { publisher, requests } = place;
      const digest = await publisher.push("1.4.2", files("one"));
      await publisher.promote("1.4.2");
      const host = place.follow(wanted);

      const marker = await host.check();
      await host.unchanged(marker);
      await host.unchanged(marker);

      const key = { stable: "channels/stable", "1.4.2": "releases/1.4.2", "~> 1.4": "index" }[wanted];
      const again = `ask whether changed: ${key}`;
      assert.deepEqual(requests, [`ask: ${key}`, `read: ${key}`, again, again]);
      assert.equal(marker.sha256, digest);
      assert.equal(marker.published?.version, "1.4.2");
      assert.equal(marker.published?.signedBy, ours.publicKey.number);
      assert.deepEqual((await place.download(host.repository, marker)).digest, digest);
    });
  }
});

test("a channel leads forwards and back, and a document that is signed anew is no news", async () => {
  await using place = await makePlace();
  const { publisher } = place;
  await publisher.push("1.4.1", files("one"));
  await publisher.push("1.4.2", files("two"));
  await publisher.promote("1.4.1");
  const host = place.follow("stable");
  const first = await host.check();
  await publisher.promote("1.4.2");
  const second = await host.check(first);
  await publisher.promote("1.4.1");
  const back = await host.check(second);

  assert.deepEqual(
    [first, second, back].map(({ published }) => [published?.version, published?.sequence]),
    [
      ["1.4.1", 1],
      ["1.4.2", 2],
      ["1.4.1", 3],
    ],
  );
  await publisher.place("channels/stable", { ...publisher.channel(), sequence: 4, created: monday + 1 });
  await host.unchanged(back);
});

test("of two checks at once, the one whose answer is late does not bring the older release back", async () => {
  await using place = await makePlace();
  const { publisher } = place;
  for (const version of ["1.4.1", "1.4.2"]) await publisher.push(version, files(version));
  await publisher.promote("1.4.1");
  const [answered, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let questions = 0;
  const hold = async () => {
    if (questions++ !== 1) return;
    answered.resolve();
    await released.promise;
  };
  const host = place.follow("stable", { objectAt: (key) => answeringAfter(place.objectAt(key), hold) });
  const first = await host.check();
  const slow = host.check();
  await answered.promise;
  await publisher.promote("1.4.2");
  await host.check(first);
  released.resolve();

  assert.equal((await slow).published?.version, "1.4.2");
  assert.equal((await host.check(first)).published?.version, "1.4.2");
});

test("a range takes the highest version that was not yanked, and goes back when that one is", async () => {
  await using place = await makePlace();
  const { publisher } = place;
  for (const version of ["1.4.0", "1.5.0", "2.0.0"]) await publisher.push(version, files(version));
  const host = place.follow("~> 1.4");
  const marker = await host.check();
  assert.equal(marker.published?.version, "1.5.0");
  await publisher.yank("1.5.0");
  assert.equal((await host.check(marker)).published?.version, "1.4.0");
  await place.follow("~> 3.0").refuses("range-unmet");
});

test("row 35 and 42: an older document that comes back is refused, also after a restart", async () => {
  await using place = await makePlace();
  const { publisher } = place;
  await publisher.push("1.4.1", files("one"));
  await publisher.push("1.4.2", files("two"));
  const old = await publisher.promote("1.4.1");
  await publisher.promote("1.4.2");
  const host = place.follow("stable");
  await host.check();
  await publisher.place("channels/stable", old);

  assert.match(await host.refuses("document-older"), /sequence 1, but 2 is known/);
  await host.again().refuses("document-older");
  await host.again({ trust: undefined }).refuses("document-older");
});

test("row 42: a host whose memory is lost is bound by its fleet, and by minSequence", async () => {
  await using place = await makePlace();
  const { publisher } = place;
  await publisher.push("1.4.1", files("one"));
  const digest = await publisher.push("1.4.2", files("two"));
  await publisher.promote("1.4.1");
  const line = 'channel "stable" of "web"';
  const fleet = { digest, artifact: "x", order: 2, line, signedBy: ours.publicKey.number };

  await place.follow("stable", { fleet }).refuses("document-older");
  await place.follow("stable", { trust: trusting([ours], { minSequence: 2 }) }).refuses("document-older");
  await place.follow("stable", { fleet: { ...fleet, line: 'channel "beta" of "web"' } }).check();
  await place.follow("stable", { fleet: { ...fleet, signedBy: theirs.publicKey.number } }).check();
  await place.follow("stable").check();
});

test("row 37: unsigned, signed by another, altered: each is refused, and nothing was read of it", async () => {
  await using place = await makePlace();
  const { publisher, shelf } = place;
  await publisher.push("1.4.2", files("one"));
  const document = await publisher.promote("1.4.2");
  const host = place.follow("stable");

  await publisher.place("channels/stable", document, "nobody");
  await host.refuses("document-unsigned");
  await publisher.place("channels/stable", document, theirs);
  await host.refuses("document-key-unknown");
  const altered = Buffer.from(publisher.bytesOf(document));
  altered[altered.length - 3] = (altered[altered.length - 3] ?? 0) ^ 1;
  await shelf.put("channels/stable", altered);
  await host.refuses("document-signature-wrong");
  await place.follow("stable", { trust: undefined }).refuses("document-unreadable");
});

test("row 37: a key that is no longer trusted is believed no longer, though the document did not change", async () => {
  await using place = await makePlace();
  await place.publisher.push("1.4.2", files("one"));
  await place.publisher.promote("1.4.2");
  const host = place.follow("stable");
  await host.check();

  await host.again({ trust: trusting([theirs]) }).refuses("document-key-unknown");
});

test("row 41: whatever lies in the place of a document, a check ends with a failure of the catalogue", async () => {
  await using place = await makePlace();
  const { publisher, shelf } = place;
  await publisher.push("1.4.2", files("one"));
  const good = publisher.bytesOf(await publisher.promote("1.4.2"));
  const cut = fc.nat(good.length - 1).map((end) => good.subarray(0, end));
  const any = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    cut,
    fc.json().map((text) => Buffer.from(`${text}\n`)),
  );
  const hosts = [place.follow("stable"), place.follow("stable", { trust: undefined })];
  await fc.assert(
    fc.asyncProperty(any, async (bytes) => {
      await shelf.put("channels/stable", bytes);
      for (const host of hosts) {
        const thrown = await host.repository.check(undefined, signal).catch((reason: unknown) => reason);
        assert.ok(thrown instanceof Failure && /^document-/.test(thrown.code), String(thrown));
      }
    }),
    { numRuns: 150 },
  );
});

test("row 41: a document that is too large is not even fetched", async () => {
  await using place = await makePlace();
  const { shelf, requests } = place;
  await shelf.put("channels/stable", new Uint8Array(64 * 1024 + 1));
  await place.follow("stable").refuses("document-too-large");
  assert.deepEqual(requests, ["ask: channels/stable"]);
});

test("row 43: a document whose time is over is refused, also when nothing changed and the clock is set back", async () => {
  await using place = await makePlace();
  const { publisher, clock } = place;
  await publisher.push("1.4.2", files("one"));
  const document = await publisher.promote("1.4.2");
  await publisher.place("channels/stable", { ...document, sequence: 2, expires: monday + day });
  const host = place.follow("stable");
  const marker = await host.check();
  clock.now = monday + day - 1;
  await host.unchanged(marker);
  clock.now = monday + 60 * day;
  await host.refuses("document-expired");
  clock.now = monday - 200 * day;
  await host.unchanged(marker);

  const old = place.follow("stable", { trust: trusting([ours], { maxAge: day }), clock: { now: monday + 2 * day } });
  await old.refuses("document-expired");
  await publisher.place("channels/stable", { ...document, sequence: 3 });
  await old.refuses("document-stale");
});

test("row 44: numbers that a stolen key used up are not believed, and bind nobody once another key is trusted", async () => {
  await using place = await makePlace();
  const { publisher } = place;
  await publisher.push("1.4.2", files("one"));
  const document = await publisher.promote("1.4.2");
  const host = place.follow("stable");
  await host.check();
  await publisher.place("channels/stable", { ...document, sequence: Number.MAX_SAFE_INTEGER });
  await host.refuses("document-jumped");
  await publisher.place("channels/stable", { ...document, sequence: 900_000 });
  await host.check();

  await publisher.place("channels/stable", { ...document, sequence: 2 }, theirs);
  await host.again({ trust: trusting([ours, theirs]) }).refuses("document-older");
  await host.again({ trust: trusting([theirs]) }).check();
});

test("row 45: a document of another service, channel or version is refused", async () => {
  await using place = await makePlace();
  const { publisher } = place;
  await publisher.push("1.4.1", files("one"));
  await publisher.push("1.4.2", files("two"));
  await publisher.promote("1.4.2");
  const beta = await publisher.promote("1.4.1", "beta");

  await publisher.place("channels/stable", beta);
  await place.follow("stable").refuses("document-misplaced");
  await publisher.place("channels/stable", { ...beta, channel: "stable", service: "shop" });
  await place.follow("stable").refuses("document-misplaced");
  await publisher.place("releases/1.4.2", publisher.release("1.4.1"));
  await place.follow("1.4.2").refuses("document-misplaced");
  await publisher.place("channels/stable", publisher.release("1.4.2"));
  await place.follow("stable").refuses("document-misplaced");
});

test("a version never changes for a host that took it, and one number never has two meanings", async () => {
  await using place = await makePlace();
  const { publisher } = place;
  await publisher.push("1.4.1", files("one"));
  await publisher.push("1.4.2", files("two"));
  const document = await publisher.promote("1.4.1");
  const exact = place.follow("1.4.1");
  const channel = place.follow("stable");
  await exact.check();
  await channel.check();
  const other = publisher.release("1.4.2").release.artifact;
  const release = { version: "1.4.1", artifact: other };

  await publisher.place("releases/1.4.1", { ...publisher.release("1.4.1"), release });
  await exact.again().refuses("document-changed");
  await publisher.place("channels/stable", { ...document, release });
  await channel.again().refuses("document-forked");
});

test("row 47: a rotation is old and new key for a while; what only the new one signed is refused before that", async () => {
  await using place = await makePlace();
  const { publisher } = place;
  const next = testKey(3);
  await publisher.push("1.4.1", files("one"));
  const document = await publisher.promote("1.4.1");
  const host = place.follow("stable");
  await host.check();
  await publisher.place("channels/stable", { ...document, sequence: 2 }, next);

  await host.refuses("document-key-unknown");
  await host.again({ trust: trusting([ours, next]) }).check();
  await host.again({ trust: trusting([next]) }).check();
});

/** Its answers to checks are on their way until `hold` resolves. */
function answeringAfter(inner: Repository, hold: () => Promise<void>): Repository {
  return {
    ...inner,
    async check(known, limit) {
      const answer = await inner.check(known, limit);
      await hold();
      return answer;
    },
  };
}
