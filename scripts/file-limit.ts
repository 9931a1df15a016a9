// Loaded into every test file's process by scripts/test.ts: a file that does not end is ended, and says what held it.

const limit = Number(process.env["DROPSHIP_TEST_FILE_LIMIT"]);

setTimeout(() => {
  console.error(
    `${process.argv[1]} did not end in ${limit} ms; still open: ${process.getActiveResourcesInfo().join(", ")}`,
  );
  process.exit(1);
}, limit).unref();
