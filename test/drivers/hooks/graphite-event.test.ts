import assert from "node:assert/strict";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { graphiteEvent } from "../../../src/drivers/hooks/graphite-event.ts";
import { decoded, hookContext, hookContract, hookPorts } from "../../contracts/hook.ts";
import { type Graphite, startGraphite } from "../../servers/graphite.ts";

describe("a graphite-event hook, with a real graphite-web", () => {
  let graphite: Graphite;
  before(async () => {
    graphite = await startGraphite();
  });
  after(() => graphite.stop());

  hookContract(graphiteEvent, {
    good: () => ({ host: graphite.endpoint }),
    // No server listens on the port that is reserved for nothing at all.
    bad: () => ({ host: "http://127.0.0.1:1", timeout: "1s" }),
  });

  const create = (written: Record<string, unknown>) =>
    graphiteEvent.create(decoded(graphiteEvent.options, written), hookPorts);

  interface Event {
    readonly what: string;
    readonly data: string;
    readonly tags: readonly string[];
    readonly when: number;
  }
  async function events(tag: string): Promise<Event[]> {
    const answer = await fetch(`${graphite.endpoint}/events/get_data?tags=${tag}`);
    return (await answer.json()) as Event[];
  }

  test("stores an event that can be read back, with the service's name among its tags", async () => {
    const hook = create({
      host: `${graphite.endpoint}/`,
      what: "deployed {{.Name}}",
      data: '{{.Version}} on {{.Hostname}}: é "quoted"',
      tags: "deployment listed",
    });

    const result = await hook.run(hookContext());

    assert.equal(result.outcome, "done");
    const [event, ...others] = await events("listed");
    assert.deepEqual(others, []);
    assert.equal(event!.what, "deployed web");
    assert.equal(event!.data, '1.2.3 on host1: é "quoted"');
    assert.deepEqual([...event!.tags].sort(), ["deployment", "listed", "web"]);
    assert.ok(Math.abs(event!.when - Date.now() / 1000) < 60, `when: ${event!.when}`);
  });

  test("says which version was deployed, where there is one and nobody chose other words", async () => {
    const hook = create({ host: graphite.endpoint, tags: "usual" });
    const { data, ...context } = hookContext();

    await hook.run({ ...context, data });
    await hook.run({ ...context, data: { ...data, Version: "" } });

    const said = (await events("usual")).map(({ what }) => what);
    assert.deepEqual(said.sort(), ["deployed web", "deployed web 1.2.3"]);
  });

  test("takes its tags as a list as well, with templates in them, and each only once", async () => {
    const hook = create({ host: graphite.endpoint, what: "w", tags: ["web", "list-{{.Version}}", "two words"] });

    await hook.run(hookContext());

    const [event] = await events("list-1.2.3");
    assert.deepEqual([...event!.tags].sort(), ["list-1.2.3", "two", "web", "words"]);
  });

  test("decides about the update only when it is required", () => {
    assert.equal(create({ host: graphite.endpoint }).decides, false);
    assert.equal(create({ host: graphite.endpoint, required: true }).decides, true);
  });

  test("gives up in time on a server that does not answer", async () => {
    await using silent = await listen(() => {});
    const hook = create({ host: silent.address, timeout: "100ms" });

    const result = await hook.run(hookContext());

    assert.equal(result.failure?.code, "hook-event-lost");
    assert.match(result.failure?.sentence ?? "", /no answer in time/);
    assert.equal(silent.connections(), 3);
    assert.ok(result.duration < 5000, `took ${result.duration} ms`);
  });

  test("is sent again when its connection is cut", async () => {
    const { hostname, port } = new URL(graphite.endpoint);
    await using cutting = await listen((socket, count) => {
      if (count === 1) socket.once("data", () => socket.destroy());
      else socket.pipe(connect({ host: hostname, port: Number(port) })).pipe(socket);
    });

    const result = await create({ host: cutting.address, tags: "again" }).run(hookContext());

    assert.equal(result.outcome, "done");
    assert.equal(cutting.connections(), 2);
    assert.equal((await events("again")).length, 1);
  });

  test("gives user and password to a guard before the server", async () => {
    const seen: (string | undefined)[] = [];
    const guard = createHttpServer((request, answer) => {
      seen.push(request.headers.authorization);
      answer.writeHead(401).end();
    });
    await new Promise<void>((resolve) => guard.listen(0, "127.0.0.1", resolve));
    const host = `http://127.0.0.1:${(guard.address() as AddressInfo).port}`;

    const result = await create({ host, user: "ü", password: "swordfish" }).run(hookContext());

    guard.close();
    assert.deepEqual(seen, [`Basic ${Buffer.from("ü:swordfish").toString("base64")}`]);
    assert.match(result.failure?.sentence ?? "", /answer 401/);
    assert.doesNotMatch(JSON.stringify(result), /swordfish/);
  });

  test("is not repeated when the server refuses it", async () => {
    const result = await create({ host: `${graphite.endpoint}/no-such-page` }).run(hookContext());

    assert.match(result.failure?.sentence ?? "", /answer 404/);
  });
});

/** A listener that does with each connection what the test says; `count` is 1 for the first. */
async function listen(act: (socket: Socket, count: number) => void) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    act(socket, sockets.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => sockets.length,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
