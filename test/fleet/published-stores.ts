import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { consul } from "../../src/drivers/stores/consul.ts";
import { openStore } from "../drivers/repositories/swift-store.ts";
import { administer, besideObject } from "../drivers/stores/buckets.ts";
import { opened } from "../drivers/stores/opened.ts";
import { startCeph } from "../servers/ceph.ts";
import { startConsul } from "../servers/consul.ts";
import { startSwift } from "../servers/swift.ts";
import type { Content } from "./artifact-file.ts";
import type { FleetStore } from "./fleet.ts";

const run = promisify(execFile);
const entry = join(import.meta.dirname, "..", "..", "bin", "dropship.js");

/** A repository that is published to by the commands, whose hosts follow a channel of it. */
export interface PublishedStore extends FleetStore {
  /** Lets the channel that the hosts follow point at this version. */
  promote(version: string): Promise<void>;
  /** The artifact block, without its end, of a service that follows something else of the same application. */
  following(what: string): string;
}

/** A real store as who publishes sees it, and as a host's configuration names it. */
interface Place {
  readonly target: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly main: string;
  /** The word of the repository, and the bucket. */
  readonly repository: string;
  readonly store: FleetStore["store"];
  stop(): Promise<unknown>;
}

/** Everything in one bucket: what is published, and the record of the rollout beside it. */
export async function publishedBucket(isSigned: boolean): Promise<PublishedStore> {
  const ceph = await startCeph({ version: "20" });
  const { endpoint, accessKey, secretKey } = ceph;
  await administer(endpoint, ceph, "PUT", "/bucket");
  return await publishedStore(isSigned, {
    target: "s3://bucket/web",
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: accessKey,
      AWS_SECRET_ACCESS_KEY: secretKey,
      AWS_REGION: "us-east-1",
    },
    main: `repo "s3" {\n  endpoint = "${endpoint}"\n  accessKey = "${accessKey}"\n  secret = "${secretKey}"\n}`,
    repository: "s3",
    store: besideObject(endpoint, ceph, { path: "web" }),
    stop: () => ceph.stop(),
  });
}

/** In a container of Swift; the hosts meet in Consul, for Swift cannot write on a condition. */
export async function publishedContainer(isSigned: boolean): Promise<PublishedStore> {
  const [swift, meeting] = await Promise.all([startSwift(), startConsul()]);
  const { authUrl, user, key } = swift;
  await openStore(swift, "bucket");
  const repo = `repo "swift" {\n  authUrl = "${authUrl}"\n  user = "${user}"\n  key = "${key}"\n  insecure = true\n}`;
  return await publishedStore(isSigned, {
    target: "swift://bucket/web",
    environment: { ST_AUTH: authUrl, ST_USER: user, ST_KEY: key },
    main: `${repo}\nlock "consul" { address = "${meeting.endpoint}" }`,
    repository: "swift",
    store: opened(consul, { address: meeting.endpoint }),
    stop: () => Promise.all([swift.stop(), meeting.stop()]),
  });
}

async function publishedStore(isSigned: boolean, place: Place): Promise<PublishedStore> {
  const { target, repository } = place;
  const folder = mkdtempSync(join(tmpdir(), "dropship-publisher-"));
  const say = async (...words: readonly string[]) => {
    const { PATH = "", HOME = folder } = process.env;
    const env = { PATH, HOME, DROPSHIP_PUBLISHER: "ci@example", ...place.environment };
    await run(process.execPath, [entry, ...words], { cwd: folder, env, timeout: 60_000 }).catch((failed) => {
      assert.fail(`dropship ${words.join(" ")}: ${failed.stdout}${failed.stderr}`);
    });
  };
  if (isSigned) await say("keygen", "--out", "web", "--no-passphrase");
  const key = isSigned ? ["--key", "web.key"] : [];
  const trust = isSigned ? `trust {\n  key = "${publicKeyIn(join(folder, "web.pub"))}"\n}` : "";
  const following = (what: string) =>
    `artifact "${repository}" {\n    bucket = "bucket"\n    path = "web"\n    application = "web"\n    ${what}`;
  return {
    main: () => `${place.main}\n${trust}`,
    artifact: following('channel = "stable"'),
    following,
    async publish(content) {
      const { version = "" } = content;
      writeContent(join(folder, version), content);
      await say("push", version, "--service", "web", "--version", version, "--channel", "stable", ...key, target);
    },
    promote: (version) => say("promote", "web", version, "--channel", "stable", ...key, target),
    store: place.store,
    strikes: {},
    async [Symbol.asyncDispose]() {
      place.store.close();
      await place.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

function writeContent(folder: string, content: Content): void {
  mkdirSync(folder);
  for (const [name, text] of Object.entries(content)) writeFileSync(join(folder, name), text, { mode: 0o644 });
}

/** The second line of signify's file. */
function publicKeyIn(path: string): string {
  return readFileSync(path, "utf8").split("\n")[1] ?? "";
}
