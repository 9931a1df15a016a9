import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { entry, publishingPlace } from "./publishing-place.ts";

const { folder, dropship, said, failureCode, application } = publishingPlace();
const passphrase = "correct horse battery";

describe("a private key", () => {
  const sealed = dropship(["keygen", "--out", "sealed", "--json"], { DROPSHIP_SIGNING_PASSPHRASE: passphrase });
  const text = readFileSync(join(folder, "sealed.key"), "utf8");
  const words = ["push", application("x"), "--service", "web", "--version", "1", "file:sealed"];

  test("is for its owner alone, and encrypted where there is a passphrase", () => {
    assert.equal(JSON.parse(sealed.out).encrypted, true);
    assert.equal(statSync(join(folder, "sealed.key")).mode & 0o777, 0o600);
    assert.match(readFileSync(join(folder, "sealed.pub"), "utf8"), /^untrusted comment: sealed public key\nRW/);
  });

  test("comes from the environment: its path, its file or the line of it", () => {
    const line = text.split("\n")[1] ?? "";
    for (const [at, value] of ["sealed.key", text, line].entries()) {
      const environment = { DROPSHIP_SIGNING_KEY: value, DROPSHIP_SIGNING_PASSPHRASE: passphrase };
      const { code, err } = dropship(words.with(-1, `file:sealed-${at}`), environment);
      assert.equal(code, 0, err);
      said("verify", `file:sealed-${at}`, "--key", "sealed.pub");
    }
  });

  test("is asked for no passphrase where nobody is there to answer", () => {
    assert.deepEqual(failureCode(words, { DROPSHIP_SIGNING_KEY: text }), [2, "signing-passphrase-missing"]);
  });

  test("is not shown, nor is its passphrase, whatever goes wrong", () => {
    const broken = `${text.slice(0, -20)}\n`;
    const line = text.split("\n")[1] ?? "";
    for (const key of [text, broken, line.slice(0, 90), line.slice(2), `x${text}`]) {
      const environment = { DROPSHIP_SIGNING_KEY: key, DROPSHIP_SIGNING_PASSPHRASE: "wrong horse battery" };
      for (const form of [words, [...words, "--json"]]) {
        const { code, out, err } = dropship(form, environment);
        assert.equal(code, 2);
        assert.ok(!`${out}${err}`.includes(line.slice(20, 60)), out + err);
        assert.ok(!`${out}${err}`.includes("wrong horse"), out + err);
      }
    }
  });
});

/** Types what is asked for at a terminal of its own; resolves to all that stood there. */
async function atTerminal(words: readonly string[], answers: readonly (readonly [question: string, answer: string])[]) {
  const command = [process.execPath, entry, ...words].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", TERM: "xterm", SHELL: "/bin/sh" },
    timeout: 60_000,
  });
  let shown = "";
  child.stdout.on("data", (piece) => {
    shown += piece;
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  for (const [question, answer] of answers) {
    for (let tries = 0; !shown.includes(question); tries++) {
      assert.ok(tries < 400, shown);
      await setTimeout(50);
    }
    child.stdin.write(answer);
  }
  return { code: await ended, shown };
}

describe("at a terminal", () => {
  test("a passphrase is asked for, twice for a new key, and is not shown", async () => {
    const made = await atTerminal(
      ["keygen", "--out", "asked"],
      [
        ["new key: ", `${passphrase}\r`],
        ["once more: ", `wrong\u007f\u007f\u007f\u007f\u007f${passphrase}\r`],
      ],
    );
    const words = ["push", application("t"), "--service", "web", "--version", "1", "--key", "asked.key", "file:asked"];
    const pushed = await atTerminal(words, [["signing key asked.key: ", `${passphrase}\r`]]);

    assert.deepEqual([made.code, pushed.code], [0, 0], made.shown + pushed.shown);
    assert.doesNotMatch(made.shown + pushed.shown, /correct horse/);
    said("verify", "file:asked", "--key", "asked.pub");
  });

  test("two passphrases that differ make no key, and Ctrl-C ends the question", async () => {
    const answers = [
      ["new key: ", "one\r"],
      ["once more: ", "other\r"],
    ] as const;
    const differing = await atTerminal(["keygen", "--out", "differing"], answers);
    const stopped = await atTerminal(["keygen", "--out", "stopped"], [["new key: ", "abc\u0003"]]);

    assert.deepEqual([differing.code, stopped.code], [2, 130]);
    assert.match(differing.shown, /not the same; no key was made/);
    assert.deepEqual(
      readdirSync(folder).filter((name) => /differing|stopped/.test(name)),
      [],
    );
  });

  test("a push draws how far it is, and takes that away in the end", async () => {
    const words = ["push", application("bar"), "--service", "web", "--version", "1", "file:bar"];
    const { code, shown } = await atTerminal(words, []);

    assert.equal(code, 0, shown);
    assert.match(shown, /\r\u001b\[Kuploading to file:\S+ {2}\[█+\] {2}100%/);
    assert.match(shown, /\r\u001b\[K[^\n]*web[^\n]*: published 1 in/);
  });
});
