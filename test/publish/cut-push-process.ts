/** Pushes in a process of its own that is killed right before its N-th request: `node cut-push-process.ts <folder> <key> <version> <N>`. */

import { createSecrets } from "../../src/domain/secrets.ts";
import { cryptography } from "../../src/platform/cryptography.ts";
import { openSigningKey } from "../../src/publish/signing-key.ts";
import { folderAt, publisher, pushContent } from "./fixture.ts";
import { watchedFolder } from "./watched-folder.ts";

const [path = "", text = "", version = "", most = ""] = process.argv.slice(2);
let requests = 0;
const folder = watchedFolder(folderAt(path), () => {
  if (requests === Number(most)) process.kill(process.pid, "SIGKILL");
  requests += 1;
});
const key = await openSigningKey({ text, place: "argument" }, cryptography, createSecrets());
const { changed } = await pushContent(publisher(folder, { key }), version, { channel: "stable" });
console.log(JSON.stringify({ requests, changed }));
