import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, type FailureCode } from "../../../src/domain/failures/failure.ts";
import type { Schema, Values } from "../../../src/domain/options.ts";
import { repositories } from "../../../src/drivers/repositories/registry.ts";
import { readTarget } from "../../../src/drivers/repositories/target.ts";

const openrc = {
  OS_AUTH_URL: "https://cloud.example.com:5000/v3",
  OS_USERNAME: "ci",
  OS_PASSWORD: "swordfish",
  OS_PROJECT_NAME: "web",
  OS_USER_DOMAIN_NAME: "Default",
  OS_PROJECT_DOMAIN_ID: "default",
  OS_REGION_NAME: "RegionOne",
  OS_INTERFACE: "internal",
  OS_IDENTITY_API_VERSION: "3",
};
const rack = { RS_USERNAME: "ci", RS_API_KEY: "swordfish" };

function refusedWith(code: FailureCode, written: string, environment: Record<string, string> = {}): string {
  try {
    readTarget(written, environment);
  } catch (error) {
    assert.ok(error instanceof Failure && error.code === code, String(error));
    assert.doesNotMatch(`${error.message}${error.remedy}`, /swordfish/);
    return error.message;
  }
  return assert.fail(`${written} was taken`);
}

test("a target says the repository, the bucket and the path", () => {
  const places = [
    ["s3://releases/web", {}],
    ["s3://releases/apps/web/", {}],
    ["swift://releases/web", openrc],
    ["rackspace://releases/web", rack],
    ["file:/srv/web", {}],
    ["file:///srv/web", {}],
    ["file://localhost/srv/web", {}],
    ["file:web", {}],
    ["file:./web", {}],
  ] as const;

  const read = places.map(([written, environment]) => {
    const { definition, artifact } = readTarget(written, environment);
    return [definition.name, ...Object.values(artifact).filter((value) => value !== undefined)].join(" ");
  });

  assert.deepEqual(read, [
    "s3 releases web",
    "s3 releases apps/web",
    "swift releases web",
    "rackspace releases web",
    "file /srv/web",
    "file /srv/web",
    "file /srv/web",
    "file web",
    "file ./web",
  ]);
});

test("what is no target is said in one sentence that shows the way", () => {
  const complaints: readonly (readonly [string, RegExp])[] = [
    ["s4://bucket/web", /"s4" is no kind of store; did you mean "s3"\.$/],
    ["swft://bucket/web", /did you mean "swift"/],
    ["gopher://bucket/web", /known are file, s3, swift, rackspace\.$/],
    ["https://bucket.example.com/web", /nothing can be published over http/],
    ["/srv/web", /a folder is written file:\/srv\/web\.$/],
    ["./web", /a folder is written file:\.\/web/],
    ["web", /it begins with none of file:, s3:, swift:, rackspace:/],
    ["", /begins with none of/],
    ["s3:bucket/web", /two slashes belong before BUCKET\/PATH/],
    ["s3:///web", /it names no bucket/],
    ["swift://", /it names no container/],
    ["s3://bucket", /does not say where in the bucket \(BUCKET\/PATH\)/],
    ["s3://bucket/", /does not say where in the bucket/],
    ["s3://bu:cket/web", /"bu:cket" is no name of a bucket/],
    ["s3://bucket/web?region=eu", /options have no place in it/],
    ["s3://bucket/a//b", /an empty part/],
    ["s3://bucket/../b", /an empty part, "\." or "\.\."/],
    ["s3://bucket/we\nb", /a character that cannot stand there/],
    ["file:", /it names no folder/],
    ["file:/", /it names no folder/],
    ["file://host/srv/web", /a host has no place in it/],
  ];
  for (const [written, expected] of complaints) assert.match(refusedWith("target-invalid", written), expected, written);
});

test("credentials in a target are refused, and never shown", () => {
  const said = ["s3://key:swordfish@bucket/web", "swift://swordfish@box/web", "s4://a:swordfish@b/web"].map((written) =>
    refusedWith("target-invalid", written),
  );

  assert.match(said[0] ?? "", /"s3:\/\/…@bucket\/web" is no place to publish to: credentials have no place in it/);
});

test("the environment says the rest, as the store's own tools read it", () => {
  const amazon = readTarget("s3://b/web", {
    AWS_ENDPOINT_URL: "https://other.example.com",
    AWS_ENDPOINT_URL_S3: "https://s3.example.com",
    AWS_CA_BUNDLE: "/etc/ca.pem",
    AWS_SECRET_ACCESS_KEY: "swordfish",
  }).options;
  const ignored = readTarget("s3://b/web", {
    AWS_ENDPOINT_URL: "https://other.example.com",
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true",
  }).options;
  const keystone = readTarget("swift://b/web", openrc).options;
  const one = readTarget("swift://b/web", {
    ST_AUTH: "http://127.0.0.1:8080/auth/v1.0",
    ST_USER: "test:tester",
    ST_KEY: "k",
  }).options;

  assert.deepEqual(given(amazon), { endpoint: "https://s3.example.com", ca: "/etc/ca.pem" });
  assert.deepEqual(given(ignored), {});
  assert.deepEqual(given(keystone), {
    authUrl: "https://cloud.example.com:5000/v3",
    authVersion: "3",
    user: "ci",
    key: "swordfish",
    userDomain: "Default",
    project: "web",
    region: "RegionOne",
    interface: "internal",
    insecure: false,
  });
  assert.deepEqual(given(one), {
    authUrl: "http://127.0.0.1:8080/auth/v1.0",
    authVersion: "1",
    user: "test:tester",
    key: "k",
    interface: "public",
    insecure: true,
  });
});

function given(values: Values<Schema>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

test("what the environment gives is what the options of the repository take", () => {
  for (const [written, environment] of [
    ["s3://b/web", { AWS_ENDPOINT_URL: "https://s3.example.com" }],
    ["swift://b/web", openrc],
    ["rackspace://b/web", rack],
    ["file:web", {}],
  ] as const) {
    const { definition, options, artifact } = readTarget(written, environment);

    assert.deepEqual(Object.keys(options).sort(), Object.keys(definition.options).sort(), written);
    assert.deepEqual(Object.keys(artifact).sort(), Object.keys(definition.artifact).sort(), written);
  }
});

test("an environment that does not suffice is named by its variables", () => {
  const lacking: readonly (readonly [string, Record<string, string>, RegExp])[] = [
    ["s3://b/web", { AWS_ENDPOINT_URL: "s3.example.com" }, /AWS_ENDPOINT_URL is no address/],
    ["s3://b/web", { AWS_ENDPOINT_URL_S3: "https://a:swordfish@s3.example.com" }, /AWS_ENDPOINT_URL_S3 is no address/],
    ["swift://b/web", {}, /neither OS_AUTH_URL .* nor ST_AUTH, ST_USER and ST_KEY/],
    ["swift://b/web", { OS_CLOUD: "prod" }, /clouds\.yaml, which is not read/],
    ["swift://b/web", { ...openrc, OS_AUTH_URL: "cloud" }, /OS_AUTH_URL is no address/],
    ["swift://b/web", { ...openrc, OS_INTERFACE: "secret" }, /OS_INTERFACE is not public, internal or admin/],
    ["swift://b/web", { ...openrc, OS_IDENTITY_API_VERSION: "4" }, /OS_IDENTITY_API_VERSION is not 1, 2 or 3/],
    ["swift://b/web", { ...openrc, OS_PROJECT_DOMAIN_ID: "0f" }, /OS_PROJECT_DOMAIN_ID is not enough/],
    ["rackspace://b/web", { RS_USERNAME: "ci" }, /RS_USERNAME and RS_API_KEY are not both set/],
  ];
  for (const [written, environment, expected] of lacking) {
    assert.match(refusedWith("target-environment", written, environment), expected);
  }
});

test("every repository leads from an artifact to the objects below it", () => {
  const below = (name: string, artifact: Values<Schema>, key: string) =>
    given(repositories.find(name)?.below(artifact, key) ?? {});

  assert.deepEqual(below("file", { path: "/srv/web/" }, "channels/stable"), { path: "/srv/web/channels/stable" });
  assert.deepEqual(below("s3", { bucket: "b", path: "/web", objectVersion: "7" }, "index"), {
    bucket: "b",
    path: "/web/index",
  });
  assert.deepEqual(below("swift", { bucket: "b", path: "web" }, "index"), { bucket: "b", path: "web/index" });
  assert.deepEqual(below("rackspace", { bucket: "b", path: "web" }, "index"), { bucket: "b", path: "web/index" });
  assert.deepEqual(below("http", { path: "web" }, "releases/1+b"), { path: "web/releases/1+b" });
  assert.deepEqual(below("http", { url: "https://h/web/?k=1" }, "releases/1+b"), {
    url: "https://h/web/releases/1%2Bb?k=1",
  });
  for (const { below } of repositories.all) assert.throws(() => below({ path: "web" }, "../x"), TypeError);
});
