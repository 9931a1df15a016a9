import assert from "node:assert/strict";
import { utimesSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isPrecise } from "../../../src/domain/publishing/precise-marker.ts";
import { http } from "../../../src/drivers/repositories/http.ts";
import { decoded } from "../../contracts/hook.ts";
import { monday, ours } from "../../domain/publishing/fixture.ts";
import { startNginx } from "../../servers/nginx.ts";
import { makePlace } from "./fixture.ts";
import { createPublisher, folderShelf } from "./publisher.ts";

test("row 33: a web server that dates by the second does not hide the second of two promotions in one", async () => {
  await using nginx = await startNginx();
  await using place = await makePlace();
  const folder = join(nginx.www, "web");
  const publisher = createPublisher(folderShelf(folder), { key: ours, created: () => monday });
  const seen: string[] = [];
  const ports = {
    ...place.ports,
    http: {
      request: (request: Parameters<typeof place.ports.http.request>[0]) => {
        seen.push(request.method);
        return place.ports.http.request(request);
      },
    },
  };
  const address = decoded(http.artifact, { url: `${nginx.endpoint}/web` });
  const host = place.follow("stable", {
    objectAt: (key) => http.create(decoded(http.options, {}), http.below(address, key), ports),
  });
  for (const version of ["1.4.1", "1.4.2"]) await publisher.push(version, { "page.txt": version });
  const sameSecond = () => utimesSync(join(folder, "channels/stable"), monday / 1000, monday / 1000);
  await publisher.promote("1.4.1");
  sameSecond();
  const first = await host.check();
  await publisher.promote("1.4.2");
  sameSecond();

  place.clock.now += 10_000;
  const second = await host.check(first);
  await host.unchanged(second);
  seen.length = 0;
  await host.unchanged(second);

  assert.equal(second.published?.version, "1.4.2");
  assert.equal(seen.length, 1, `one request when nothing changed for a while, not ${seen.join(", ")}`);
  assert.equal((await place.download(host.repository, second)).digest, second.sha256);
});

test("what an ETag is made of tells whether it is precise", () => {
  const precise = ['"9e107d9d372bb6826bd81d3542a419d6"', '"9e107d9d372bb6826bd81d3542a419d6-2"', "1a-2b-3c-4d"];
  const doubtful = ['"68a1b2c3-1f4"', 'W/"68a1b2c3"', '"2d-4f0a-68a1b2c3"'];
  for (const etag of precise) assert.ok(isPrecise({ etag }), etag);
  for (const etag of doubtful) assert.ok(!isPrecise({ etag }), etag);
  assert.ok(!isPrecise({}));
});
