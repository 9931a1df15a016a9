import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { diskPorts } from "../../src/config/disk.ts";
import { load, mainFile, serviceWith } from "./memory-ports.ts";

const good = `# comment
service_path = "/etc/dropship.d/services"
repo "vault" {
  address = "https://vault"
  key = file("/key")
  hosts = ["a", "b",]
}
${serviceWith(`  checkInterval = "10s"
  before "script" { command = "echo \${HOME:-x}" }
  after { event { what = "{{.Name}} {{index .Artifact \\"path\\"}}" } }
  health "http" { url = "http://localhost" , passes = 3 }
  success "script" {
    command = <<-EOF
      echo {{- .Hash -}}
      EOF
  }`)}`;
const others = { "/key": "k", "/etc/dropship.d/services/.keep": "" };

test("the file that is mutated below is a good one", () => {
  assert.equal(load({ [mainFile]: good, ...others }).text, "");
});

test("no bytes make the loader throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const { configuration, text } = load({ [mainFile]: bytes });
      assert.ok(configuration !== undefined || text !== "");
    }),
    { numRuns: 1000 },
  );
});

test("no mutation of a good file makes the loader throw, and every refusal says why", () => {
  const piece = fc.oneof(
    fc.constantFrom("", '"', "{", "}", "[", "=", ",", "\n", "\\", "${", "{{", "<<E\n", "/*", "\0"),
    fc.string(),
  );
  const mutation = fc.record({ at: fc.nat(good.length), drop: fc.nat(12), insert: piece });
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
      let text = good;
      for (const { at, drop, insert } of mutations) text = text.slice(0, at) + insert + text.slice(at + drop);
      const loaded = load({ [mainFile]: text, ...others });
      assert.ok(loaded.configuration !== undefined || /: error: /.test(loaded.text));
    }),
    { numRuns: 1500 },
  );
});

test("a byte order mark and Windows line ends are taken in", () => {
  const { configuration, text } = load({ [mainFile]: `\ufeff${serviceWith("").replaceAll("\n", "\r\n")}` });

  assert.equal(text, "");
  assert.equal(configuration?.services[0]?.where, `${mainFile}:1:9`);
});

test("a file that is not UTF-8, holds NUL or is too large is refused", () => {
  const latin = new Uint8Array([0x61, 0x0a, 0x62, 0xe9, 0x0a]);

  assert.match(load({ [mainFile]: latin }).text, /dropship\.hcl:2:2: error: the file is not UTF-8 text from here on\n/);
  assert.match(load({ [mainFile]: "a = 1\n\0" }).text, /dropship\.hcl:2:1: error: the file holds a NUL character\n/);
  assert.match(load({ [mainFile]: " ".repeat(1024 * 1024 + 1) }).text, /dropship\.hcl: error: is larger than 1 MiB\n/);
});

test("a file full of mistakes is told in a bounded number of lines", () => {
  assert.ok(load({ [mainFile]: "? ".repeat(10_000) }).diagnostics.length <= 50);
});

test("the real file port reads no more than it must, and no folder, pipe or device", () => {
  const folder = mkdtempSync(join(tmpdir(), "dropship-config-"));
  try {
    const { read, list, inspect } = diskPorts();
    const file = join(folder, "a.hcl");
    writeFileSync(file, "0123456789");

    chmodSync(file, 0o640);
    const facts = { userId: process.geteuid?.(), mode: 0o640 };

    assert.deepEqual(read(file, 4), { bytes: Buffer.from("01234"), facts });
    assert.deepEqual(read(file, 20), { bytes: Buffer.from("0123456789"), facts });
    assert.deepEqual(read(folder, 4), { problem: "it is not a regular file" });
    assert.deepEqual(read("/dev/zero", 4), { problem: "it is not a regular file" });
    assert.deepEqual(read(join(folder, "b"), 4), { problem: "there is no such file" });
    assert.deepEqual(read(join(file, "b"), 4), { problem: "a part of its path is not a folder" });
    assert.deepEqual(list(folder), ["a.hcl"]);
    assert.equal(list(file), undefined);
    assert.equal(inspect(join(folder, "b")), undefined);
    assert.equal(inspect(file)?.userId, process.geteuid?.());
  } finally {
    rmSync(folder, { recursive: true });
  }
});
