import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { randomFrom } from "../random-from.ts";
import { createSoakHost } from "./soak-host.ts";

/** DROPSHIP_TEST_SOAK_SECONDS makes it longer, DROPSHIP_TEST_SOAK_SEED repeats a run. */
const seconds = Number(process.env["DROPSHIP_TEST_SOAK_SECONDS"] ?? 25);
const seed = Number(process.env["DROPSHIP_TEST_SOAK_SEED"] ?? Date.now() % 1_000_000);

test("an agent that is killed at any moment, again and again, keeps every promise", async (context) => {
  const random = randomFrom(seed);
  const host = await createSoakHost();
  let [kills, published, inspections] = [0, 0, 0];
  context.diagnostic(`seed ${seed}`);
  try {
    // A first release that is bad would leave the destination empty, and rightly so.
    host.publish(true);
    const first = await host.start();
    await host.inspect(first);
    await first.end("SIGKILL");
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) {
      // Some agents are killed before they run, some in the middle of an update.
      for (let left = Math.floor(random() * 3); left > 0; left -= 1) {
        const child = host.spawn();
        if (random() < 0.7) {
          host.publish(random() < 0.6);
          published += 1;
        }
        await setTimeout(random() * 2500);
        child.kill("SIGKILL");
        await once(child, "exit");
        kills += 1;
      }
      const agent = await host.start();
      await host.inspect(agent);
      inspections += 1;
      await agent.end("SIGKILL");
      kills += 1;
    }
    context.diagnostic(`kills ${kills}, updates ${published}, inspections ${inspections}, violations 0`);
    assert.ok(inspections > 0);
  } finally {
    host.stopService();
    await host.clean();
  }
});
