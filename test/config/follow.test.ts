import assert from "node:assert/strict";
import { test } from "node:test";
import { trustedKeys } from "../../src/domain/publishing/public-key.ts";
import { load, loadService, type MemoryOptions, mainFile } from "./memory-ports.ts";

const key = "RWSgbv7MupTmTTrKs/qmmZ5TkdIC3fDterU+NtePpE3o/zKfqL6ohC3w";
const file = "/etc/dropship.d/services/web.hcl";

/** The service "web" with these lines in its artifact block (from the fifth line on) and these in itself (second line). */
function follow(artifact: string, body = "", main = "", options?: MemoryOptions & { files?: Record<string, string> }) {
  const text = `service "web" {
${body}
  artifact "s3" {
    bucket = "b"
${artifact}
    path = "web"
    destination = "/srv/web"
  }
}
`;
  const loaded = load({ [mainFile]: main, [file]: text, ...options?.files }, options);
  return { ...loaded, follows: loaded.configuration?.services[0]?.artifact.follows };
}

const trust = `trust { key = "${key}" }`;

test("a channel, a version and a range are followed; the application is the service unless it is named", () => {
  assert.deepEqual(follow('channel = "stable"', trust).follows?.wanted, { channel: "stable" });
  const exact = follow('version = "1.4.2"', trust).follows;
  assert.ok(exact && "exact" in exact.wanted && exact.wanted.exact.text === "1.4.2");
  const range = follow('version = "~> 1.4"\napplication = "shop"', trust).follows;
  assert.ok(range && "range" in range.wanted && range.wanted.range.text === "~> 1.4");
  assert.deepEqual([exact.application, range.application], ["web", "shop"]);
  assert.equal(loadService("").service?.artifact.follows, undefined);
});

test("a trust block in the service or in the main file is decoded, setting by setting", () => {
  const mine = follow('channel = "stable"', `trust { key = "${key}", minSequence = 7, maxAge = "24h", maxJump = 5 }`);
  assert.equal(mine.text, "");
  const [first] = trustedKeys([key]);
  assert.deepEqual(mine.follows?.trust, { keys: [first], minSequence: 7, maxAge: 86_400_000, maxJump: 5 });
  const behind = follow('channel = "stable"', "trust { minSequence = 9 }", `trust { keys = ["${key}"], maxJump = 3 }`);
  assert.equal(behind.text, "");
  assert.deepEqual(behind.follows?.trust, { keys: [first], minSequence: 9, maxJump: 3 });
});

test("row 38: a trust block without a usable key is an error, never 'anything goes'", () => {
  const nobody = follow('channel = "stable"', "trust { }");
  assert.match(nobody.text, /web\.hcl:2:1[\s\S]*without a single key/);
  const empty = follow('channel = "stable"', "trust { keys = [] }");
  assert.match(empty.text, /web\.hcl:2:16[\s\S]*without a single key/);
  const missing = follow('channel = "stable"', 'trust { key = file("/etc/web.pub") }');
  assert.match(missing.text, /web\.hcl:2:15[\s\S]*\/etc\/web\.pub cannot be read/);
  const hollow = follow('channel = "stable"', 'trust { key = file("/etc/web.pub") }', "", {
    files: { "/etc/web.pub": "" },
  });
  assert.match(hollow.text, /web\.hcl:2:15/);
  for (const { configuration } of [nobody, empty, missing, hollow]) assert.equal(configuration, undefined);
});

test("row 39: the same key twice, or two with one number, are refused where they stand", () => {
  const twice = follow('channel = "stable"', `trust { keys = ["${key}", "${key}"] }`);
  assert.match(twice.text, /web\.hcl:2:16[\s\S]*named twice/);
  assert.equal(twice.configuration, undefined);
});

test("row 40: a weak key is refused at its own place", () => {
  const bytes = Buffer.concat([Buffer.from("Ed"), Buffer.alloc(8, 1), Buffer.from([1]), Buffer.alloc(31)]);
  const weak = follow('channel = "stable"', `trust { keys = ["${key}", "${bytes.toString("base64")}"] }`);
  assert.match(weak.text, /web\.hcl:2:77[\s\S]*small order/);
  assert.equal(weak.configuration, undefined);
});

test("a private key in the place of a public one is refused and never shown", () => {
  const secret = Buffer.concat([Buffer.from("Ed"), Buffer.alloc(102, 7)]).toString("base64");
  const { text, configuration } = follow('channel = "stable"', `trust { key = "${secret}" }`);
  assert.match(text, /private key/);
  assert.equal(text.includes(secret.slice(12)), false);
  assert.equal(configuration, undefined);
});

test("whoever follows without trust is warned once, and who asks for trust without effect is told", () => {
  const open = follow('channel = "stable"');
  assert.ok(open.configuration);
  assert.equal(open.text.match(/nobody signed/g)?.length, 1);
  const { text, configuration } = loadService(trust);
  assert.match(text, /web\.hcl:2:1[\s\S]*object that nobody signs/);
  assert.equal(configuration, undefined);
  const main = loadService("", trust);
  assert.ok(main.configuration);
  assert.match(main.text, /does not protect it/);
});

test("the id of an object's version in the place of a version is refused with the new name", () => {
  const id = follow('version = "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY"', trust);
  assert.match(id.text, /web\.hcl:5:11[\s\S]*objectVersion/);
  assert.equal(id.configuration, undefined);
  const files = {
    [file]: `service "web" {\n artifact "s3" {\n bucket = "b"\n path = "web.tar.gz"\n version = "17"\n destination = "/srv/web"\n }\n}\n`,
  };
  const number = load({ [mainFile]: "", ...files });
  assert.match(number.text, /web\.hcl:5:12[\s\S]*looks like an object[\s\S]*objectVersion/);
  assert.equal(number.configuration, undefined);
});

for (const [lines, said] of [
  ['channel = "stable"\nversion = "1.4"', /follows a channel and a version/],
  ['channel = "sta/ble"', /cannot be the name of a channel/],
  ['version = "^1.4"', /write "~>" instead/],
  ['application = "shop"', /application has no effect/],
  ['channel = "stable"\napplication = "a\\nb"', /application is not a name/],
] as const) {
  test(`refused: ${lines.replace("\n", ", ")}`, () => {
    const { text, configuration } = follow(lines, trust);
    assert.match(text, said);
    assert.equal(configuration, undefined);
  });
}

test("two trust blocks, or one with a name, are refused", () => {
  assert.match(follow('channel = "stable"', `${trust}\n${trust}`).text, /two trust blocks/);
  assert.match(follow('channel = "stable"', `trust "us" { key = "${key}" }`).text, /a trust block has no name/);
  assert.match(follow('channel = "stable"', 'trust = "us"').text, /trust is a block/);
});
