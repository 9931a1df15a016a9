/** Stages an archive for real in a process of its own, to be killed: `node stage-once.ts <folder> <file>`. Prints "begun" in the middle. */
import { unpack } from "../../src/drivers/archives/unpacking/unpack.ts";
import { createReleaseStore } from "../../src/releases/create-release-store.ts";
import { placeIn, ports, stageRequest } from "./fixture.ts";

const [folder = "", file = ""] = process.argv.slice(2);
const store = createReleaseStore(placeIn(folder), { ...ports, unpack });
await store.stage(stageRequest("v1", file, { onProgress: () => console.log("begun") }));
console.log("staged");
