import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { Failure } from "../../../../src/domain/failures/failure.ts";
import { chainCredentials } from "../../../../src/drivers/repositories/s3/credentials.ts";
import { s3 } from "../../../../src/drivers/repositories/s3.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { decoded } from "../../../contracts/hook.ts";
import { type Ceph, startCeph } from "../../../servers/ceph.ts";
import { startFaultProxy } from "../../../servers/fault-proxy.ts";
import { administer } from "../../stores/buckets.ts";
import { storePorts } from "../../stores/opened.ts";
import { made, makeWorld, type World } from "../world.ts";
import { containerToken, type FakeAws, startFakeAws } from "./fake-aws.ts";

const never = new AbortController().signal;
const wrong = { accessKey: "old-access-key", secret: "old-secret-key-of-the-test", expiresIn: 3600 };

/**
 * The chain reads the environment of this process, so each test sets it. The store is a real Ceph, which knows no temporary
 * credentials: the fakes hand out its lasting keys, without a session token.
 */
describe("without keys in the configuration", () => {
  let ceph: Ceph;
  let aws: FakeAws;
  let world: World;
  let right: typeof wrong;
  const kept = { ...process.env };
  before(async () => {
    ceph = await startCeph({ version: "20" });
    aws = await startFakeAws();
    right = { accessKey: ceph.accessKey, secret: ceph.secretKey, expiresIn: 3600 };
  });
  after(async () => {
    await aws[Symbol.asyncDispose]();
    await ceph.stop();
  });
  afterEach(async () => {
    process.env = { ...kept };
    const said = world.lines.join("\n");
    await world[Symbol.asyncDispose]();
    for (const secret of [right.secret, wrong.secret]) assert.ok(!said.includes(secret), said);
  });

  /** A fresh agent whose environment says nothing but this; its home is empty but for these files. */
  const agent = async (environment: Record<string, string>, files: Record<string, string> = {}) => {
    world = await makeWorld();
    for (const [name, text] of Object.entries(files)) await writeFile(join(world.folder, name), text);
    const own = Object.entries(kept).filter(([name]) => !name.startsWith("AWS_"));
    process.env = {
      ...Object.fromEntries(own),
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_SHARED_CREDENTIALS_FILE: join(world.folder, "credentials"),
      AWS_CONFIG_FILE: join(world.folder, "config"),
      ...environment,
    };
    return made(s3, { endpoint: ceph.endpoint }, { bucket: "bucket", path: "absent" }, world.ports);
  };
  /** That the store took the signature: it says that the bucket is missing, not that the keys are wrong. */
  const accepted = (repository: Awaited<ReturnType<typeof agent>>) =>
    assert.rejects(repository.check(undefined, never), { code: "bucket-missing" });

  test("those of the environment are taken", async () => {
    await accepted(await agent({ AWS_ACCESS_KEY_ID: right.accessKey, AWS_SECRET_ACCESS_KEY: right.secret }));
  });

  test("those of a profile in the shared file are taken", async () => {
    const file = `[web]\naws_access_key_id = ${right.accessKey}\naws_secret_access_key = ${right.secret}\n`;

    await accepted(await agent({ AWS_PROFILE: "web" }, { credentials: file }));
  });

  test("those that a process prints are taken", async () => {
    const printed = JSON.stringify({ Version: 1, AccessKeyId: right.accessKey, SecretAccessKey: right.secret });

    await accepted(await agent({}, { config: `[default]\ncredential_process = /bin/echo '${printed}'\n` }));
  });

  test("those of the container's role are taken (fake endpoint)", async () => {
    aws.give(right);

    await accepted(
      await agent({
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.endpoint}/container`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: containerToken,
      }),
    );
  });

  test("those of the instance's role are taken (fake metadata service)", async () => {
    aws.give(right);

    await accepted(
      await agent({ AWS_EC2_METADATA_DISABLED: "false", AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.endpoint }),
    );
  });

  test("those of a web identity are taken (fake STS)", async () => {
    aws.give(right);
    const repository = await agent(
      { AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/web", AWS_ENDPOINT_URL_STS: aws.endpoint },
      { identity: "identity-token" },
    );
    process.env["AWS_WEB_IDENTITY_TOKEN_FILE"] = join(world.folder, "identity");

    await accepted(repository);
  });

  test("row 27: keys that were rotated are read again when the store refuses the old ones", async () => {
    const file = (keys: typeof wrong) =>
      `[default]\naws_access_key_id=${keys.accessKey}\naws_secret_access_key=${keys.secret}\n`;
    const repository = await agent({}, { credentials: file(wrong) });
    await assert.rejects(repository.check(undefined, never), { code: "credentials-rejected" });

    await writeFile(join(world.folder, "credentials"), file(right));

    await accepted(repository);
  });

  test("a change in the meeting place that is refused for its old keys is made with the new ones", async () => {
    const file = (keys: typeof wrong) =>
      `[default]\naws_access_key_id=${keys.accessKey}\naws_secret_access_key=${keys.secret}\n`;
    await administer(ceph.endpoint, ceph, "PUT", "/meeting");
    await agent({}, { credentials: file(wrong) });
    const artifact = decoded(s3.artifact, { bucket: "meeting", path: "web.tar.gz" });
    const options = decoded(s3.options, { endpoint: ceph.endpoint });
    const store = s3.store?.(options, artifact, storePorts({ ...world.ports }));
    assert.ok(store);
    await assert.rejects(store.read("a/record", never), { code: "credentials-rejected" });
    await writeFile(join(world.folder, "credentials"), file(right));

    const swap = await store.swap("a/record", Buffer.from("1"), undefined, never);

    assert.equal(swap.outcome, "swapped");
    assert.deepEqual(await store.swap("a/record", Buffer.from("2"), undefined, never), { outcome: "conflict" });
  });

  test("credentials that are about to end are replaced before they do, others are kept", async () => {
    const repository = await agent({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.endpoint}/container`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: containerToken,
    });
    aws.give({ ...right, expiresIn: 200 });
    const start = aws.asked.length;
    await accepted(repository);
    aws.give(right);
    await accepted(repository);
    await accepted(repository);

    assert.equal(aws.asked.length - start, 2);
  });

  test("several services of one agent ask once for the role they share", async () => {
    aws.give(right);
    await agent({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.endpoint}/container`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: containerToken,
    });
    const start = aws.asked.length;

    const services = ["a", "b", "c"].map((path) =>
      made(s3, { endpoint: ceph.endpoint }, { bucket: "bucket", path }, world.ports),
    );
    await Promise.all(services.map(accepted));

    assert.equal(aws.asked.length - start, 1);
  });

  test("a host without any credentials is told so within seconds", async () => {
    await using silent = await startFaultProxy();
    silent.use(() => ({ kind: "silence" }));
    const metadata = { AWS_EC2_METADATA_DISABLED: "false", AWS_EC2_METADATA_SERVICE_ENDPOINT: silent.endpoint };
    const repository = await agent(metadata);
    const start = performance.now();

    await assert.rejects(repository.check(undefined, never), { code: "credentials-missing" });

    assert.ok(performance.now() - start < 8000, `${performance.now() - start} ms`);
    assert.ok(silent.seen.length > 0);
  });

  test("a source that fails is named without what it printed", async () => {
    const config = "[default]\ncredential_process = /bin/sh -c 'echo old-secret-key-of-the-test >&2; exit 1'\n";
    const repository = await agent({}, { config });

    const met = await repository.check(undefined, never).catch((error: unknown) => error);

    assert.ok(met instanceof Failure);
    assert.ok(/^credentials-/.test(met.code), met.code);
    assert.ok(!`${met.message}${met.stack}${JSON.stringify(met.note)}`.includes(wrong.secret));
  });

  test("a caller that is stopped does not wait for the chain", async () => {
    await agent({});
    const chain = chainCredentials("us-east-1", { clock: systemClock, logger: world.ports.logger });

    await assert.rejects(chain.current(AbortSignal.abort(new Error("stopped"))), { message: "stopped" });
  });
});

test("half a pair of keys is refused when the configuration is loaded", async () => {
  await using world = await makeWorld();

  for (const options of [{ accessKey: "a" }, { secret: "b" }, { token: "c" }]) {
    assert.throws(() => made(s3, options, { bucket: "bucket", path: "x" }, world.ports), {
      code: "repository-misconfigured",
    });
  }
});
