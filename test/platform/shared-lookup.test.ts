import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { test } from "node:test";
import { createHttpClient } from "../../src/platform/http.ts";
import { sharedLookup } from "../../src/platform/shared-lookup.ts";

function ask(lookup: LookupFunction, name: string, all = true): Promise<unknown> {
  return new Promise((resolve, reject) =>
    lookup(name, { all }, (error, address) => (error === null ? resolve(address) : reject(error))),
  );
}

test("a name is looked up once for all who ask meanwhile, and anew for whoever asks later", async () => {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const lookup = sharedLookup((name, _options, callback) => {
    asked.push(name);
    answers.push(() => callback(null, [{ address: `${asked.length}`, family: 4 }]));
  });

  const together = ["slow", "slow", "other", "slow"].map((name) => ask(lookup, name));
  assert.deepEqual(asked, ["slow", "other"]);
  for (const answer of answers.splice(0)) answer();
  await Promise.all(together);
  const later = ask(lookup, "slow");
  for (const answer of answers) answer();

  assert.deepEqual(await later, [{ address: "3", family: 4 }]);
  assert.deepEqual(asked, ["slow", "other", "slow"]);
});

test("those who want one address do not get the answer of those who want all", async () => {
  const lookup = sharedLookup();

  const [one, all] = await Promise.all([ask(lookup, "localhost", false), ask(lookup, "localhost", true)]);

  assert.equal(typeof one, "string");
  assert.ok(Array.isArray(all));
});

test("an error goes to everybody, and is not kept", async () => {
  let fails = true;
  const lookup = sharedLookup((_name, _options, callback) => {
    const error = fails ? Object.assign(new Error("no"), { code: "ENOTFOUND" }) : null;
    setImmediate(() => callback(error, [{ address: "::1", family: 6 }]));
  });

  const both = await Promise.allSettled([ask(lookup, "a"), ask(lookup, "a")]);
  fails = false;

  assert.deepEqual(
    both.map(({ status }) => status),
    ["rejected", "rejected"],
  );
  assert.deepEqual(await ask(lookup, "a"), [{ address: "::1", family: 6 }]);
});

test("the client finds a server by its name", async (t) => {
  const server = createServer((_, response) => response.end("hello")).listen(0, "localhost");
  await once(server, "listening");
  const client = createHttpClient();
  t.after(() => {
    client.close();
    server.close();
  });
  const url = `http://localhost:${(server.address() as AddressInfo).port}/`;

  const answers = await Promise.all([1, 2, 3].map(() => client.request({ method: "GET", url })));

  assert.deepEqual(await Promise.all(answers.map((answer) => answer.text(9))), ["hello", "hello", "hello"]);
});
