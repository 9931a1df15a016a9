import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { failure } from "../../src/domain/failures/failure.ts";
import type { ObjectFolder } from "../../src/drivers/repositories/objects.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { overview } from "../../src/publish/overview.ts";
import { promote } from "../../src/publish/promote.ts";
import { emptyFolder, folderAt, publisher, pushContent, rejectsWith } from "./fixture.ts";

const away = () => failure("object-store-unanswered", { place: "there", doing: "write", problem: "reset" });
/** Nobody waits in these tests. */
const clock = { ...systemClock, sleep: async (_: number, signal?: AbortSignal) => signal?.throwIfAborted() };

/** A real folder whose writes end as `fate` says, time after time. */
function stumbling(
  folder: ObjectFolder,
  fate: (times: number) => "lost" | "unanswered" | "failed" | "fine",
): ObjectFolder {
  let times = 0;
  return {
    ...folder,
    async write(...words) {
      const ending = fate(times++);
      if (ending === "failed") throw away();
      const swap = ending === "lost" ? undefined : await folder.write(...words);
      return swap === undefined || ending === "unanswered" ? { outcome: "unknown", problem: away().note } : swap;
    },
  };
}

async function numbersIn(t: TestContext, fate: Parameters<typeof stumbling>[1]) {
  const folder = folderAt(emptyFolder(t));
  const web = publisher(stumbling(folder, fate), { clock });
  for (const version of ["1.0.0", "1.1.0"]) await pushContent(web, version, { channel: "stable" });
  const { index, channels } = await overview(publisher(folder));
  return [index.versions.length, index.sequence, channels[0]?.release.version, channels[0]?.sequence];
}

describe("a write", () => {
  for (const fate of ["lost", "unanswered", "failed"] as const) {
    test(`that is ${fate} every other time is read back: nothing is missing, and no number is used twice`, async (t) => {
      assert.deepEqual(await numbersIn(t, (times) => (times % 2 === 0 ? fate : "fine")), [2, 2, "1.1.0", 2]);
    });
  }

  test("that never succeeds ends with what the store said, and not for ever", async (t) => {
    const web = publisher(
      stumbling(folderAt(emptyFolder(t)), () => "failed"),
      { clock },
    );

    await rejectsWith(pushContent(web, "1.0.0"), "object-store-unanswered");
  });

  test("that others always overtake ends with a failure that may pass", async (t) => {
    const folder = folderAt(emptyFolder(t));
    await pushContent(publisher(folder), "1.0.0");
    const overtaken: ObjectFolder = { ...folder, write: async () => ({ outcome: "conflict" }) };

    await rejectsWith(
      promote(publisher(overtaken, { clock }), { version: "1.0.0", channel: "stable" }),
      "publication-busy",
    );
  });

  test("waits ever longer between its tries, but never for long", async (t) => {
    const waits: number[] = [];
    const noting = { ...clock, sleep: async (wait: number) => void waits.push(wait) };
    const random = { fraction: () => 0.999, name: () => "x" };
    const web = publisher(
      stumbling(folderAt(emptyFolder(t)), () => "failed"),
      { clock: noting, random },
    );

    await rejectsWith(pushContent(web, "1.0.0"), "object-store-unanswered");

    assert.deepEqual(waits.slice(0, 4), [50, 100, 200, 400]);
    assert.deepEqual([waits.length, Math.max(...waits)], [40, 2997]);
  });
});

describe("where a store cannot swap", () => {
  test("two who write at one moment: who is overwritten says so and writes again, and both are listed", async (t) => {
    const folder = folderAt(emptyFolder(t));
    await pushContent(publisher(folder), "1.0.0");
    const remarks: string[] = [];
    let rival: Promise<unknown> | undefined;
    // Another one has read the index before our write, and writes after it.
    const racing: ObjectFolder = {
      ...folder,
      swaps: false,
      async write(key, bytes, _, signal) {
        if (key !== "index" || rival !== undefined) return await folder.write(key, bytes, "always", signal);
        const late = {
          ...folder,
          write: async (...words: Parameters<ObjectFolder["write"]>) => {
            if (words[0] === "index") await folder.write(key, bytes, "always", signal);
            return await folder.write(words[0], words[1], "always", words[3]);
          },
        };
        rival = pushContent(publisher(late, { by: "bob@desk" }), "1.2.0");
        await rival;
        return { outcome: "swapped", version: "ours" };
      },
    };

    await pushContent(publisher(racing, { clock, onRemark: (text) => remarks.push(text) }), "1.1.0");

    const { index } = await overview(publisher(folder));
    assert.deepEqual(index.versions.map(({ version }) => version).sort(), ["1.0.0", "1.1.0", "1.2.0"]);
    assert.equal(remarks.length, 1);
    assert.match(remarks[0]!, /index was overwritten by somebody else at the same moment; writing again/);
  });

  test("what stands after the write is what was written, and nothing is said", async (t) => {
    const remarks: string[] = [];
    const folder = { ...folderAt(emptyFolder(t)), swaps: false };

    const { channel } = await pushContent(
      publisher(folder, { clock, onRemark: (text) => remarks.push(text) }),
      "1.1.0",
      {
        channel: "stable",
      },
    );

    assert.deepEqual([channel?.sequence, remarks], [1, []]);
  });
});
