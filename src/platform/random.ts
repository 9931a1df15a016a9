import { randomBytes } from "node:crypto";
import type { Random } from "./ports.ts";

/** The randomness of this machine. */
export const systemRandom: Random = {
  fraction: () => Math.random(),
  name: () => randomBytes(16).toString("hex"),
};
