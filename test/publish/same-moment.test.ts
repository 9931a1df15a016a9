import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { overview } from "../../src/publish/overview.ts";
import { promote } from "../../src/publish/promote.ts";
import { prune } from "../../src/publish/prune.ts";
import type { Publisher } from "../../src/publish/publisher.ts";
import { yank } from "../../src/publish/yank.ts";
import { emptyFolder, folderAt, publisher, pushContent, rejectsWith } from "./fixture.ts";
import { type Verb, watchedFolder } from "./watched-folder.ts";

/** 1.0.0, to which nothing points, and 1.1.0 in stable. */
async function place(t: TestContext): Promise<Publisher> {
  const web = publisher(folderAt(emptyFolder(t)));
  await pushContent(web, "1.0.0");
  await pushContent(web, "1.1.0", { channel: "stable" });
  return web;
}

/** The same publisher, before whose request for `verb` and `key` somebody else is through with theirs. */
function overtaken(web: Publisher, verb: Verb, key: RegExp, rival: () => Promise<unknown>): Publisher {
  let met = false;
  const folder = watchedFolder(web.folder, async (asked, name) => {
    if (met || asked !== verb || !key.test(name)) return;
    met = true;
    await rival();
  });
  return { ...web, folder };
}

const toOld = { version: "1.0.0", channel: "beta" };
const back = { version: "1.0.0", reason: "loses sessions" };

test("a promotion beside a prune that is through before the channel is written says that the content is gone", async (t) => {
  const web = await place(t);
  const late = overtaken(web, "write", /^channels\/beta$/, () => prune(web, 1));

  await rejectsWith(promote(late, toOld), "channel-without-content", /Channel beta of "web" points at 1\.0\.0/);

  await pushContent(web, "1.0.0", { channel: "beta" });
  const { index, channels } = await overview(web);
  assert.deepEqual(index.versions.map(({ version }) => version).sort(), ["1.0.0", "1.1.0"]);
  assert.deepEqual(channels.map(({ release }) => release.version).sort(), ["1.0.0", "1.1.0"]);
});

/** A promotion that has looked, and writes once a prune has come to that request; the prune goes on when it is through. */
function crossed(web: Publisher, verb: Verb, key: RegExp) {
  const reached = Promise.withResolvers<void>();
  const through = Promise.withResolvers<void>();
  const pruning = { ending: Promise.resolve<unknown>(undefined) };
  const pruner = overtaken(web, verb, key, async () => {
    reached.resolve();
    await through.promise;
  });
  const promoter = overtaken(web, "write", /^channels\/beta$/, async () => {
    pruning.ending = prune(pruner, 1);
    pruning.ending.catch(() => undefined);
    await reached.promise;
  });
  const promoting = promote(promoter, toOld).finally(() => through.resolve());
  return { promoting, pruned: () => pruning.ending };
}

test("a promotion beside a prune that has written only the index lists the version again, and keeps its content", async (t) => {
  const web = await place(t);
  const { promoting, pruned } = crossed(web, "list", /^artifacts\/$/);

  await promoting;
  await pruned();

  const { index } = await overview(web);
  assert.deepEqual(index.versions.map(({ version }) => version).sort(), ["1.0.0", "1.1.0"]);
  await promote(web, { ...toOld, channel: "other" });
});

test("a prune that removed what a channel came to point at says so", async (t) => {
  const web = await place(t);
  const { promoting, pruned } = crossed(web, "remove", /^artifacts\//);

  await promoting;

  await rejectsWith(pruned(), "channel-without-content", /removed at the same moment/);
});

test("a prune that removed what a push of the same content came to list says so", async (t) => {
  const web = await place(t);
  const late = overtaken(web, "remove", /^artifacts\//, () => pushContent(web, "1.2.0", { content: "1.0.0" }));

  await rejectsWith(prune(late, 1), "content-missing", /version 1\.2\.0/);
});

test("a promotion beside a yank: whoever writes last says that the channel points at a yanked version", async (t) => {
  const web = await place(t);
  const late = overtaken(web, "write", /^channels\/beta$/, () => yank(web, back));

  await rejectsWith(promote(late, toOld), "channel-at-yanked", /points at 1\.0\.0, .* loses sessions/);

  await rejectsWith(yank(web, back), "channel-at-yanked");
  await promote(web, { version: "1.1.0", channel: "beta" });
  assert.equal((await yank(web, back)).changed, false);
});

test("a yank beside a promotion: whoever writes last says that the channel points at a yanked version", async (t) => {
  const web = await place(t);
  const late = overtaken(web, "write", /^index$/, () => promote(web, toOld));

  await rejectsWith(yank(late, back), "channel-at-yanked", /Channel beta of "web"/);
});
