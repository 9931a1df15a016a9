import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Failure } from "../../../src/domain/failures/failure.ts";
import type { ObjectFolder, UploadContent } from "../../../src/drivers/repositories/objects.ts";
import type { StorePorts } from "../../../src/drivers/stores/store.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { createHttpClient } from "../../../src/platform/http.ts";
import { systemRandom } from "../../../src/platform/random.ts";
import { type Fault, type FaultProxy, type SeenRequest, startFaultProxy } from "../../servers/fault-proxy.ts";
import { bytes, soon, storePorts, versionOf } from "../stores/opened.ts";
import { contentOf, nobodyCares } from "./under-test.ts";

/** A store whose folder can be reached directly, and by a proxy before it. */
export interface Proxied extends AsyncDisposable {
  readonly upstream: string;
  folder(endpoint: string, ports: StorePorts): ObjectFolder;
  /** So long that it takes several requests. */
  readonly length: number;
  /** What must never be seen in a failure or a log line. */
  readonly secrets: readonly string[];
  /** What is left in the store of uploads that were not completed. */
  leftovers(): Promise<readonly string[]>;
}

/** Waits and deadlines that a test can wait for; and every line that is logged. */
export function hasty(lines: string[] = [], longest = 60_000): StorePorts {
  const logger = {
    log: (level: string, event: string, fields?: object) => lines.push(JSON.stringify({ level, event, ...fields })),
    with: () => logger,
  };
  return storePorts({
    http: createHttpClient({ connect: 2000, head: 3000, gap: 1500 }),
    logger,
    clock: {
      ...systemClock,
      sleep: (duration, signal) => systemClock.sleep(Math.min(duration, 20), signal),
      // That of a whole upload is left: it is not what ends a request.
      deadline: (duration, reason, parent) =>
        systemClock.deadline(duration > 200_000 ? duration : Math.min(duration, longest), reason, parent),
    },
  });
}

/** Each request meets the fault when it is made for the first time. */
function onceEach(fault: Fault, which: (request: SeenRequest) => boolean = () => true) {
  const met = new Set<string>();
  return (request: SeenRequest): Fault | undefined => {
    const name = `${request.method} ${request.path}`;
    if (met.has(name) || !which(request)) return undefined;
    met.add(name);
    return fault;
  };
}

async function refused(promise: Promise<unknown>): Promise<Failure> {
  const met = await promise.then(
    () => assert.fail("it did not fail"),
    (error: unknown) => error,
  );
  assert.ok(met instanceof Failure, String(met));
  return met;
}

const stable = () => `channels/${systemRandom.name()}`;

/** What becomes of publishing when answers are lost, late, doubled, refused or cut off on the way. */
export function objectFaults(label: string, start: () => Promise<Proxied>): void {
  describe(`${label} behind a bad line:`, () => {
    let store: Proxied;
    let disk: string;
    let proxy: FaultProxy;
    const lines: string[] = [];
    before(async () => {
      disk = await mkdtemp(join(tmpdir(), "dropship-objects-"));
      store = await start();
      proxy = await startFaultProxy(store.upstream);
    });
    after(async () => {
      await proxy.stop();
      await store[Symbol.asyncDispose]();
      await rm(disk, { recursive: true, force: true });
      for (const secret of store.secrets) assert.ok(!lines.join("\n").includes(secret), "a secret was logged");
    });
    const bad = (longest?: number) => store.folder(proxy.endpoint, hasty(lines, longest));
    /** Waits for half a second and more before it asks again. */
    const patient = () => {
      const ports = hasty(lines);
      return store.folder(proxy.endpoint, {
        ...ports,
        clock: { ...ports.clock, sleep: systemClock.sleep },
        random: { ...ports.random, fraction: () => 0.999 },
      });
    };
    const good = () => store.folder(store.upstream, storePorts());
    const described = (): Promise<UploadContent> => contentOf(disk, randomBytes(store.length));
    const keyOf = ({ sha256 }: UploadContent) => `artifacts/${sha256}.tar`;
    const send = (folder: ObjectFolder, content: UploadContent, signal = AbortSignal.timeout(120_000)) =>
      folder.upload(keyOf(content), content, { signal, onProgress: nobodyCares });
    const textAt = async (key: string) => Buffer.from((await good().read(key, 1000, soon()))?.bytes ?? []).toString();

    for (const fault of [
      { kind: "reset" },
      { kind: "lost" },
      { kind: "broken", after: 100_000 },
      { kind: "silence" },
      { kind: "twice" },
      { kind: "status", status: 500 },
      { kind: "status", status: 503, headers: { "retry-after": "0" }, body: "<html>busy</html>" },
      { kind: "status", status: 408 },
    ] as const satisfies Fault[]) {
      const name = "status" in fault ? `status ${fault.status}` : fault.kind;
      test(`an upload of which each request meets "${name}" once goes through, and leaves nothing else`, async () => {
        const content = await described();
        const bodies =
          fault.kind === "broken"
            ? ({ headers }: SeenRequest) => Number(headers["content-length"]) > 200_000
            : undefined;
        proxy.use(onceEach(fault, bodies));

        await send(bad(fault.kind === "silence" ? 2500 : undefined), content);

        assert.equal((await good().measure(keyOf(content), soon()))?.length, content.length);
        assert.deepEqual(await store.leftovers(), []);
      });
    }

    test("reading, looking, listing and removing get over a bad moment, each by asking again", async () => {
      const key = stable();
      versionOf(await good().write(key, bytes("1"), { ifVersion: undefined }, soon()));
      for (const fault of [
        { kind: "reset" },
        { kind: "lost" },
        { kind: "status", status: 502 },
        { kind: "cut", after: 0 },
      ] as const) {
        proxy.use(onceEach(fault));
        assert.equal(Buffer.from((await bad().read(key, 10, soon()))?.bytes ?? []).toString(), "1");
        assert.equal((await bad().measure(key, soon()))?.length, 1);
        assert.ok((await bad().list("channels/", soon())).some((one) => one.key === key));
      }
      proxy.use(onceEach({ kind: "lost" }));
      await bad().remove(key, soon());
      assert.equal(await good().read(key, 10, soon()), undefined);
    });

    test("a write whose answer is lost is unknown, was sent once, and is read back", async () => {
      const key = stable();
      const writes = () => proxy.seen.filter(({ method, path }) => method === "PUT" && path.includes(key)).length;
      proxy.use(({ method }) => (method === "PUT" ? { kind: "lost" } : undefined));

      const swap = await bad().write(key, bytes("1"), { ifVersion: undefined }, soon());

      assert.equal(swap.outcome === "unknown" && swap.problem.code, "object-store-unanswered");
      assert.equal(writes(), 1);
      assert.equal(await textAt(key), "1");
    });

    test("a write that meets 500 is unknown, and one that arrives twice was done", async () => {
      const [first, second] = [stable(), stable()];
      proxy.use(({ method }) => (method === "PUT" ? { kind: "status", status: 500 } : undefined));
      const broken = await bad().write(first, bytes("1"), { ifVersion: undefined }, soon());
      proxy.use(({ method }) => (method === "PUT" ? { kind: "twice" } : undefined));
      const twice = await bad().write(second, bytes("1"), { ifVersion: undefined }, soon());

      assert.equal(broken.outcome, "unknown");
      assert.equal(twice.outcome, "swapped");
      assert.equal(await textAt(second), "1");
    });

    test("a write that never reached the store throws, and did nothing", async () => {
      const nowhere = await startFaultProxy();
      await nowhere.stop();

      const swap = store.folder(nowhere.endpoint, hasty(lines)).write(stable(), bytes("1"), "always", soon());

      assert.match((await refused(swap)).code, /^(object-store-unanswered|connection-failed)$/);
    });

    test("a store that stays away is given up, with what to do", async () => {
      proxy.use(() => ({ kind: "status", status: 503 }));

      const met = await refused(bad().read(stable(), 10, soon()));

      assert.match(met.code, /^(object-store-unanswered|store-busy)$/);
      assert.match(met.remedy, /again/);
    });

    test("the answer of a proxy that knows nothing of the store is no answer", async () => {
      const content = await described();
      const page = {
        kind: "status",
        status: 404,
        headers: { "content-type": "text/html" },
        body: "<html>no</html>",
      } as const;
      const html = {
        kind: "status",
        status: 200,
        headers: { "content-type": "text/html", etag: '"x"' },
        body: "<html></html>",
      } as const;

      proxy.use(({ method, path }) => (method === "GET" && !path.startsWith("/auth/") ? html : undefined));
      assert.equal((await refused(bad().list("", soon()))).code, "object-store-nonsense");
      proxy.use(({ path }) => (path.startsWith("/auth/") ? undefined : page));
      assert.match((await refused(send(bad(), content))).code, /^(object-store-refused|bucket-missing)$/);
      const elsewhere = {
        kind: "status",
        status: 302,
        headers: { location: "http://elsewhere.example.com/?k=1" },
      } as const;
      proxy.use(({ path }) => (path.startsWith("/auth/") ? undefined : elsewhere));
      assert.match((await refused(send(bad(), content))).code, /^(store-redirects|object-store-refused)$/);
      proxy.use(undefined);
      assert.equal(await good().measure(keyOf(content), soon()), undefined);
    });

    for (const [when, fault, after] of [
      ["before the store hears of it", { kind: "silence" }, 30],
      ["when the store has done it", { kind: "lost" }, 250],
    ] as const) {
      test(`an upload that is killed at any request, ${when}, leaves no half object, and the next one is through`, async () => {
        for (let at = 0, met = true; met; at += 1) {
          const content = await described();
          const killed = new AbortController();
          met = false;
          proxy.use((_, nth) => {
            if (nth !== at) return undefined;
            met = true;
            setTimeout(() => killed.abort(new Error("killed")), after);
            return fault;
          });
          await send(patient(), content, AbortSignal.any([killed.signal, AbortSignal.timeout(60_000)])).catch(
            nobodyCares,
          );
          proxy.use(undefined);
          const there = await good().measure(keyOf(content), soon());

          await send(good(), content);

          assert.ok(there === undefined || there.length === content.length, `at request ${at}`);
          assert.equal((await good().measure(keyOf(content), soon()))?.length, content.length);
        }
        assert.deepEqual(await store.leftovers(), []);
      });
    }
  });
}
