import { type Release, releaseId } from "../../src/domain/release.ts";
import { createReleaseStore } from "../../src/releases/create-release-store.ts";
import { releasePlace } from "../../src/releases/layout.ts";
import { blankState } from "../../src/update/service-state.ts";
import { foreign, packed, place, placeFile } from "./content.ts";
import { artifactSize, unpackFor } from "./depot.ts";
import { simulatedFiles } from "./files.ts";
import { destination, type Host, startService } from "./host.ts";
import { createLife } from "./life.ts";
import { declarationOf } from "./parts.ts";
import type { World } from "./world.ts";

/** Brings every machine to where it stands when the world begins: with a release of long ago, with something foreign, or bare. */
export async function settle(world: World): Promise<void> {
  const { plan, depot, hosts } = world;
  const { before } = plan.service;
  const release = before === "release" ? depot.publish("good") : undefined;
  const marker = depot.offer()?.marker;
  for (const host of hosts) {
    if (before === "foreign") place(host.disk, destination, foreign);
    if (release && marker) await install(world, host, { digest: release.digest, marker });
    startService(host, 0);
    host.stood = before !== "nothing";
  }
}

async function install(world: World, host: Host, { digest, marker }: Required<Pick<Release, "digest" | "marker">>) {
  const { plan } = world;
  const { disk } = host;
  // A clock of its own, on which nothing takes any time.
  const instant = { ...host.clock, in: atOnce };
  const life = createLife(instant, () => "none");
  const parts = { life, disk, state: { full: false, slow: 0, fails: () => false } };
  const files = simulatedFiles({ ...parts, swaps: true, onChange: () => {} });
  const unpack = unpackFor(
    { ...parts, depot: world.depot, dice: host.dice, fate: () => "answered", onCheck() {} },
    () => {},
  );
  const declaration = declarationOf(plan);
  const accounts = { self: () => ({ uid: 0, gid: 0 }), user: async () => undefined, group: async () => undefined };
  const store = createReleaseStore(releasePlace(declaration), { files, accounts, clock: life.clock, unpack });
  const release: Release = { id: releaseId(digest), digest, size: artifactSize, marker, stagedAt: life.clock.wall() };
  const file = "/var/lib/dropship/downloads/web";
  placeFile(disk, file, packed(digest));
  await store.stage({
    file,
    release,
    contentTypeOverrules: false,
    fileName: "web",
    limits: declaration.artifact.limits,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  await store.switchTo(release.id);
  host.journal.states.set("web", {
    ...blankState("web"),
    current: release,
    good: [release.id],
    seen: { marker, digest },
  });
  world.books.proven.add(`${host.name} ${digest}`);
}

function atOnce(_: number, then: () => void): { stop(): void } {
  then();
  return { stop() {} };
}
