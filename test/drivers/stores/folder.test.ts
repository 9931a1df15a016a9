import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { beside } from "./beside.ts";
import { commonPromises } from "./common-promises.ts";

const disk = await mkdtemp(join(tmpdir(), "dropship-meeting-"));
after(() => rm(disk, { recursive: true, force: true }));

commonPromises("a folder on the disk", () => beside(join(disk, "web.tar.gz")));
