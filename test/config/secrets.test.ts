import assert from "node:assert/strict";
import { test } from "node:test";
import { load, mainFile, serviceWith } from "./memory-ports.ts";

const vault = serviceWith("").replace('"s3"', '"vault"');

test("env and file fill values in; one line break at the end of a key file is dropped", () => {
  const repo = 'repo "vault" {\n  address = env("VAULT")\n  key = file("keys/vault")\n}\n';
  const files = { [mainFile]: repo + vault, "/etc/dropship.d/keys/vault": "hush\n\n" };
  const { configuration, text } = load(files, { environment: { VAULT: "https://v" } });

  assert.equal(text, "");
  assert.deepEqual(configuration?.services[0]?.repository.options, {
    address: "https://v",
    key: "hush\n",
    hosts: undefined,
  });
});

test("a variable that is not set and a file that is not there are errors with a place", () => {
  const { text } = load({ [mainFile]: 'repo "vault" {\n  address = env("VAULT")\n  key = file("/keys/vault")\n}\n' });

  assert.match(text, /2:13: error: the environment variable VAULT is not set\n {2}2 \| {3}address = env\("VAULT"\)\n/);
  assert.match(text, /3:9: error: the file \/keys\/vault cannot be read: there is no such file\n/);
});

test("a key file that is too large or no text is refused without a word of it", () => {
  const files = {
    [mainFile]: 'repo "vault" { address = file("/big"), key = file("/binary") }',
    "/big": "hush".repeat(20_000),
    "/binary": new Uint8Array([0xff, 0x68, 0x75, 0x73, 0x68]),
  };
  const { text } = load(files);

  assert.match(text, /the file \/big is larger than 64 KiB/);
  assert.match(text, /the file \/binary is not UTF-8 text/);
  assert.doesNotMatch(text, /hush/);
});

/** Ways to have a secret on a line that is shown; "hush" must never be printed. */
const leaks: readonly [string, string][] = [
  ["a mistyped name of a secret", 'repo "s3" { secert = "hush" }'],
  ["a secret of the wrong kind", 'repo "s3" { secret = ["hush"] }'],
  ["a secret without its end", 'repo "s3" {\n secret = "hush\n}'],
  ["a secret without its equals sign", 'repo "s3" { secret "hush" }'],
  ["a secret without quotes", 'repo "s3" { secret = hush }'],
  ["a secret in the wrong quotes", "repo \"s3\" { secret = 'hush' }"],
  ["a mistake behind a secret", 'repo "s3" { secret = "hush", wat = 1 }'],
  ["a mistake before a secret", 'repo "s3" { wat = 1, secret = "hush" }'],
  ["a secret on the line below its name", 'repo "s3" {\n secret =\n  hush\n}'],
  ["a secret that is set twice", 'repo "s3" {\n secret = "hush"\n secret = "hush"\n}'],
  ["a block that nobody knows", 'secrets { a = "hush" }'],
  ["a repository that nobody knows", 'repo "s9" { secret = "hush" }'],
  ["the password of an address", 'repo "s3" { endpoint = "https://user:hush@store" }'],
  ["a quoted name", 'repo "s3" { "secret" = "hush" wat = oops }'],
  ["a name in large letters", 'repo "s3" { SECRET = hush }'],
  ["a secret with an escape that is none", 'repo "s3" { secret = "hush\\q" }'],
  ["a secret with an open interpolation", 'repo "s3" { secret = "hush\x24{" }'],
  ["a lock's token", 'lock "consul" { token = "hush", wat = 1 }'],
];

for (const [what, body] of leaks) {
  test(`${what} is not shown`, () => {
    const { text, diagnostics } = load({ [mainFile]: body });

    assert.notEqual(text, "");
    assert.doesNotMatch(text, /hush/);
    assert.doesNotMatch(JSON.stringify(diagnostics), /hush/);
  });
}

test("what came out of a variable is not shown, even when it is of the wrong kind", () => {
  const { text } = load(
    { [mainFile]: serviceWith('checkInterval = env("SECRET")') },
    { environment: { SECRET: "hush" } },
  );

  assert.match(text, /"checkInterval" has a value of the wrong kind/);
  assert.doesNotMatch(text, /hush/);
});
