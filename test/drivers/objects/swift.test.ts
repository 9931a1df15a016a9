import { objectFolderContract } from "../../contracts/object-folder-contract.ts";
import { startSwift } from "../../servers/swift.ts";
import { openStore } from "../repositories/swift-store.ts";
import { followedIn, openedContainer } from "./swift-world.ts";

const mebibyte = 1024 * 1024;

objectFolderContract("swift", async () => {
  const swift = await startSwift();
  await openStore(swift, "box");
  return {
    folder: (name) => openedContainer(swift, name),
    repository: (key, name) => followedIn(swift, key, name),
    lengths: [0, 10, 40 * mebibyte + 1],
    [Symbol.asyncDispose]: () => swift.stop(),
  };
});
