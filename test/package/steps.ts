import assert from "node:assert/strict";
import { test } from "node:test";
import type { WebHost } from "./web-host.ts";

/**
 * Tests that are the life of one host, in order: each goes on where the one before has ended. What stands on the ruins of
 * another says nothing, and takes its time for it.
 */
export function stepsOn(host: () => WebHost): (name: string, act: () => Promise<void>) => void {
  let broken: string | undefined;
  return (name, act) => {
    test(name, async () => {
      assert.equal(broken, undefined, `after this went wrong: ${broken}`);
      try {
        await act();
      } catch (thrown) {
        broken = name;
        const look = "systemctl status dropship web; journalctl -u dropship | tail -n 40; dropship logs web";
        console.error((await host().attempt(look)).out);
        throw thrown;
      }
    });
  };
}
