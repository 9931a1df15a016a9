// Loaded into every test file's process by scripts/test.ts: a file that does not end is ended, and says what held it.
import { isMainThread } from "node:worker_threads";

// Worker threads get the same options as the process, but not its environment.
if (isMainThread) endAfter(Number(process.env["DROPSHIP_TEST_FILE_LIMIT"]));

function endAfter(limit: number): void {
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().join(", ");
    console.error(`${process.argv[1]} did not end in ${limit} ms; still open: ${open}`);
    process.exit(1);
  }, limit).unref();
}
