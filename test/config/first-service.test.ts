import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketPlace, readSource, serviceFile } from "../../src/config/first-service.ts";

test("one address tells the repository", () => {
  assert.deepEqual(readSource("s3://releases/web/a.tar.gz"), {
    repository: "s3",
    bucket: "releases",
    path: "web/a.tar.gz",
  });
  assert.deepEqual(readSource("https://a.example/w"), { repository: "http", url: "https://a.example/w" });
  assert.deepEqual(readSource("/srv/in/web.tar"), { repository: "file", path: "/srv/in/web.tar" });
  for (const address of ["web.tar.gz", "s3://releases", "https://a.example", "/", "ftp://a/b", ""])
    assert.equal(readSource(address), undefined, address);
});

test("the file of a service holds what was said, and nothing else", () => {
  const common = { name: "web", destination: "/srv/web", source: { repository: "file", path: "/in.tar" } } as const;
  const bare = serviceFile({ ...common, stop: undefined, start: undefined, health: undefined });
  const full = serviceFile({ ...common, stop: 'stop "it"', start: "start", health: "http://127.0.0.1/" });

  assert.doesNotMatch(bare, /before|after|health/);
  assert.match(full, /before "script" \{\n {4}command = "stop \\"it\\""\n/);
  assert.match(full, /health "http" \{\n {4}url = "http:\/\/127\.0\.0\.1\/"\n/);
});

test("a bucket needs no block of its own where the defaults do", () => {
  assert.equal(bucketPlace({}), undefined);
  assert.equal(bucketPlace({ region: "eu" }), 'repo "s3" {\n  region = "eu"\n}\n');
});
