import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { encodeDocument } from "../../src/domain/publishing/document-text.ts";
import { parsePublicKey } from "../../src/domain/publishing/public-key.ts";
import { usualMaxJump } from "../../src/domain/publishing/trust.ts";
import { verifyDocument } from "../../src/domain/publishing/verify-document.ts";
import { createSecrets } from "../../src/domain/secrets.ts";
import { cryptography } from "../../src/platform/cryptography.ts";
import { makeKeyPair, objectOf, openSigningKey, type SigningKey } from "../../src/publish/signing-key.ts";
import { channelDocument, court } from "../domain/publishing/fixture.ts";
import { stable } from "../domain/publishing/judged.ts";
import { randomFrom } from "../random-from.ts";

let folder = "";
const at = (name: string) => join(folder, name);

interface Run {
  readonly code: number;
  readonly output: string;
}

/** Runs a tool in the folder of this test. */
function run(program: string, ...options: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(program, options, { cwd: folder, timeout: 30_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : -1, output: stdout + stderr });
    });
  });
}

const verify = (object: string, key = "ours.pub") =>
  run("signify-openbsd", "-V", "-e", "-p", key, "-x", object, "-m", "out.json");

let key: SigningKey;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "dropship-stock-tools-"));
  const pair = await makeKeyPair({ comment: "web" }, cryptography, createSecrets());
  await writeFile(at("ours.pub"), pair.publicFile);
  await writeFile(at("ours.sec"), pair.privateFile, { mode: 0o600 });
  key = await openSigningKey({ text: pair.privateFile, place: "ours.sec" }, cryptography, createSecrets());
  await run("signify-openbsd", "-G", "-n", "-p", "theirs.pub", "-s", "theirs.sec", "-c", "made by signify");
});
after(() => rm(folder, { recursive: true, force: true }));

async function trustOf(name: string) {
  const keys = [parsePublicKey(await readFile(at(name), "utf8"))];
  return { keys, maxJump: usualMaxJump };
}

describe("signify verifies what we signed", () => {
  test("and gives out the document as it was", async () => {
    const document = channelDocument();
    await writeFile(at("stable"), objectOf(document, "x", key));

    const { code, output } = await verify("stable");

    assert.equal(code, 0, output);
    assert.match(output, /Signature Verified/);
    assert.deepEqual(new Uint8Array(await readFile(at("out.json"))), encodeDocument(document, "x"));
  });

  test("and refuses it once it was altered, or with another key", async () => {
    const object = objectOf(channelDocument(), "x", key);
    object[object.length - 5]! ^= 1;
    await writeFile(at("altered"), object);
    await writeFile(at("stable"), objectOf(channelDocument(), "x", key));

    assert.notEqual((await verify("altered")).code, 0);
    assert.match((await verify("stable", "theirs.pub")).output, /wrong key/);
  });

  test("also where the key was encrypted with a passphrase", async () => {
    const secrets = createSecrets();
    const pair = await makeKeyPair({ comment: "ci", passphrase: "correct horse" }, cryptography, secrets);
    const source = { text: pair.privateFile, place: "ci.key", passphrase: "correct horse" };
    const opened = await openSigningKey(source, cryptography, secrets);
    await writeFile(at("ci.pub"), pair.publicFile);
    await writeFile(at("by-ci"), objectOf(channelDocument(), "x", opened));

    assert.equal((await verify("by-ci", "ci.pub")).code, 0);
  });
});

describe("what signify signed is accepted", () => {
  for (const name of ["theirs", "ours"]) {
    test(`with a key that ${name === "ours" ? "we" : "signify"} made`, async () => {
      const document = channelDocument();
      await writeFile(at("document.json"), encodeDocument(document, "x"));

      const signing = ["-S", "-e", "-s", `${name}.sec`, "-m", "document.json", "-x", `by-${name}`];
      const { code, output } = await run("signify-openbsd", ...signing);
      assert.equal(code, 0, output);
      const accepted = verifyDocument(
        await readFile(at(`by-${name}`)),
        stable,
        court({ trust: await trustOf(`${name}.pub`) }),
      );

      assert.deepEqual(accepted.document, document);
    });
  }

  test("and a private key that signify made signs for us as it does for signify", async () => {
    const source = { text: await readFile(at("theirs.sec"), "utf8"), place: "theirs.sec" };
    const opened = await openSigningKey(source, cryptography, createSecrets());
    await writeFile(at("with-theirs"), objectOf(channelDocument(), "x", opened));

    assert.deepEqual(opened.publicKey, parsePublicKey(await readFile(at("theirs.pub"), "utf8")));
    assert.equal((await verify("with-theirs", "theirs.pub")).code, 0);
  });
});

test("a public key of minisign is one for us, too", async () => {
  const { code, output } = await run("minisign", "-G", "-W", "-p", "mini.pub", "-s", "mini.key");
  assert.equal(code, 0, output);

  const { bytes, text } = parsePublicKey(await readFile(at("mini.pub"), "utf8"));

  assert.equal(bytes.length, 32);
  assert.match(text, /^RW/);
});

test("whatever is altered in an object: what we accept, signify accepts", async () => {
  const object = objectOf(channelDocument(), "x", key);
  const trust = await trustOf("ours.pub");
  const random = randomFrom(4);
  const pick = (below: number) => Math.floor(random() * below);
  let accepted = 0;
  for (let round = 0; round < 400; round++) {
    const altered = object.slice();
    // Half of them in the first line, where not every change matters.
    const end = round % 2 === 0 ? object.indexOf(0x0a) + 2 : object.length;
    for (let changes = 1 + pick(2); changes > 0; changes--) altered[pick(end)] = pick(4) === 0 ? 0x0a : 32 + pick(224);
    try {
      verifyDocument(altered, stable, court({ trust }));
    } catch {
      continue;
    }
    accepted++;
    await writeFile(at("altered"), altered);
    const { code, output } = await verify("altered");
    assert.equal(code, 0, `${output}${Buffer.from(altered).toString("latin1")}`);
  }
  assert.ok(accepted > 20, `${accepted} of 400 were accepted`);
});
