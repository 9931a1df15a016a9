import { test } from "node:test";
import { walkThrough } from "./walk-through.ts";

test("the getting-started page can be followed word by word", async () => {
  await walkThrough("docs/guide/getting-started.md", {});
});
