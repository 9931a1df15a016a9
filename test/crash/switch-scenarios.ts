import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Layout } from "../../src/domain/service.ts";
import { createReleaseStore } from "../../src/releases/create-release-store.ts";
import type { ReleaseStore } from "../../src/releases/release-store.ts";
import { newer, older, placeIn, ports, stageRequest, type Tree } from "../releases/fixture.ts";

/** One thing that an agent does with its releases, which may be cut short anywhere and is then done again. */
export interface Scenario {
  readonly layout: Layout;
  /** Whether the machine can swap two names in one step. */
  readonly swaps: boolean;
  readonly arrange: (store: ReleaseStore, folder: string) => Promise<void>;
  readonly act: (store: ReleaseStore, folder: string) => Promise<void>;
  /** What the destination held before and what it holds in the end. */
  readonly before: Tree | undefined;
  readonly after: Tree | undefined;
  /** The names in the releases folder in the end. */
  readonly leaves: readonly string[];
}

const byHand: Tree = { "app.txt": "by hand" };
const byHandFile: Tree = { "=": "by hand" };

/** What each release holds, by its id. */
export const contents: Readonly<Record<string, readonly Tree[]>> = {
  v1: [older],
  v2: [newer],
  "adopted-1": [byHand, byHandFile],
};

export function openStore(folder: string, { layout, swaps }: Pick<Scenario, "layout" | "swaps">): ReleaseStore {
  const exchange = swaps ? ports.files.exchange : async () => false;
  return createReleaseStore(placeIn(folder, layout), { ...ports, files: { ...ports.files, exchange } });
}

async function stage(store: ReleaseStore, folder: string, id: string, tree: Tree): Promise<void> {
  const artifact = join(folder, `${id}.artifact`);
  writeFileSync(artifact, JSON.stringify(tree));
  await store.stage(stageRequest(id, artifact));
}

async function adoptIfForeign(store: ReleaseStore): Promise<void> {
  if ((await store.standing()).kind === "foreign") await store.adopt("adopted-1");
}

function folderByHand(path: string): void {
  mkdirSync(path);
  writeFileSync(join(path, "app.txt"), "by hand");
}

const nothing = async () => undefined;
const running = async (store: ReleaseStore, folder: string) => {
  await stage(store, folder, "v1", older);
  await store.switchTo("v1");
};

const update = (layout: Layout, swaps: boolean): Scenario => ({
  layout,
  swaps,
  arrange: running,
  act: async (store, folder) => {
    await stage(store, folder, "v2", newer);
    await store.switchTo("v2");
  },
  before: older,
  after: newer,
  leaves: ["v1", "v1.json", "v2", "v2.json"],
});

const adoption = (layout: Layout, swaps: boolean, what: "folder" | "file" | "link"): Scenario => ({
  layout,
  swaps,
  arrange: async (store, folder) => {
    await stage(store, folder, "v2", newer);
    const { destination } = store.place;
    if (what === "file") writeFileSync(destination, "by hand");
    else folderByHand(what === "folder" ? destination : join(folder, "elsewhere"));
    if (what === "link") symlinkSync("elsewhere", destination);
  },
  act: async (store) => {
    await adoptIfForeign(store);
    await store.switchTo("v2");
  },
  before: what === "file" ? byHandFile : byHand,
  after: newer,
  leaves: ["v2", "v2.json"],
});

export const scenarios: Readonly<Record<string, Scenario>> = {
  install: { ...update("symlink", true), arrange: nothing, before: undefined, leaves: ["v2", "v2.json"] },
  update: update("symlink", true),
  rollback: {
    ...update("symlink", true),
    arrange: async (store, folder) => {
      await running(store, folder);
      await update("symlink", true).act(store, folder);
    },
    act: async (store) => {
      await store.switchTo("v1");
      await store.remove("v2");
    },
    before: newer,
    after: older,
    leaves: ["v1", "v1.json"],
  },
  "first release withdrawn": {
    ...update("symlink", true),
    act: (store) => store.withdraw(),
    after: undefined,
    leaves: ["v1", "v1.json"],
  },
  "folder adopted": adoption("symlink", true, "folder"),
  "folder adopted without a swap": adoption("symlink", false, "folder"),
  "file adopted": adoption("symlink", true, "file"),
  "file adopted without a swap": adoption("symlink", false, "file"),
  "link adopted": adoption("symlink", true, "link"),
  "in-place update": update("in-place", true),
  "in-place update without a swap": update("in-place", false),
  "folder adopted in place": adoption("in-place", true, "folder"),
  "link adopted in place": adoption("in-place", false, "link"),
};
