import fs from "node:fs";
import { Failure } from "../../../src/domain/failures/failure.ts";
import { unpackHere } from "../../../src/drivers/archives/unpacking/unpack-here.ts";
import { request } from "./arena.ts";

/** Unpacks in a process of its own and says how it ended, for tests that make system calls fail. */
const [file = "", folder = ""] = process.argv.slice(2);
const descriptors = () => fs.readdirSync("/proc/self/fd").length;
const before = descriptors();
try {
  await unpackHere(request(file, folder, { sync: true }), () => {});
  console.log(JSON.stringify({ code: "none" }));
} catch (error) {
  const failure = error instanceof Failure ? error : undefined;
  console.log(
    JSON.stringify({
      code: failure?.code ?? String(error),
      sentence: failure?.message,
      passing: failure?.passing,
      leaked: descriptors() - before,
    }),
  );
}
