import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { consulEvent } from "../../../src/drivers/hooks/consul-event.ts";
import { decoded, digest, hookContext, hookContract, hookPorts } from "../../contracts/hook.ts";
import { waitUntil } from "../../platform/process-watch.ts";
import { type Consul, startConsul } from "../../servers/consul.ts";

describe("a consul-event hook, with a real Consul agent that denies everything without a token", () => {
  let consul: Consul;
  before(async () => {
    consul = await startConsul({ acl: true });
  });
  after(() => consul.stop());

  hookContract(consulEvent, {
    good: () => ({ name: "contract", address: consul.endpoint, token: consul.token }),
    bad: () => ({ name: "contract", address: consul.endpoint, token: "wrong-swordfish" }),
  });

  const create = (written: Record<string, unknown>) =>
    consulEvent.create(
      decoded(consulEvent.options, { address: consul.endpoint, token: consul.token, ...written }),
      hookPorts,
    );

  interface Event {
    readonly Payload: string;
    readonly ServiceFilter: string;
    readonly TagFilter: string;
    readonly NodeFilter: string;
  }
  /** An event comes into the list once gossip delivered it. */
  async function events(name: string): Promise<Event[]> {
    let found: Event[] = [];
    await waitUntil(async () => {
      const answer = await fetch(`${consul.endpoint}/v1/event/list?name=${name}`, {
        headers: { "x-consul-token": consul.token! },
      });
      found = (await answer.json()) as Event[];
      return found.length > 0;
    });
    return found;
  }

  test("fires an event that can be read back, with the release's hash as payload and only a name given", async () => {
    const result = await create({ name: "deployed-{{.Name}}" }).run(hookContext());

    assert.equal(result.outcome, "done");
    const [event, ...others] = await events("deployed-web");
    assert.deepEqual(others, []);
    assert.deepEqual(JSON.parse(Buffer.from(event!.Payload, "base64").toString()), { hash: digest });
    assert.deepEqual([event!.ServiceFilter, event!.TagFilter, event!.NodeFilter], ["", "", ""]);
  });

  test("passes its filters on", async () => {
    await create({ name: "filtered", service: "consul", tag: "a b&c", node: "^n.*", datacenter: "dc1" }).run(
      hookContext(),
    );

    const answer = await fetch(`${consul.endpoint}/v1/event/list`, { headers: { "x-consul-token": consul.token! } });
    assert.equal(answer.status, 200);
    const hook = create({ name: "filtered-node", node: "^.*$" });
    assert.equal((await hook.run(hookContext())).outcome, "done");
    assert.equal((await events("filtered-node"))[0]!.NodeFilter, "^.*$");
  });

  test("keeps its token out of what it says", async () => {
    const result = await create({ name: "secret", token: "wrong-swordfish" }).run(hookContext());

    assert.equal(result.outcome, "failed");
    assert.match(result.failure?.sentence ?? "", /ACL not found/);
    assert.doesNotMatch(JSON.stringify(result), /swordfish/);
  });

  test("says that it needs a token", async () => {
    const result = await create({ name: "secret", token: "" }).run(hookContext());

    assert.match(result.failure?.sentence ?? "", /answer 403: Permission denied/);
  });

  test("decides about the update only when it is required", () => {
    assert.equal(create({ name: "n" }).decides, false);
    assert.equal(create({ name: "n", required: true }).decides, true);
  });
});
