import { test } from "node:test";
import { walkThrough } from "./walk-through.ts";

test("the page about publishing can be followed word by word", async () => {
  await walkThrough("docs/guide/publishing.md", {});
});
