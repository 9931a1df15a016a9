import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { diskPorts } from "../../src/config/disk.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { load, mainFile, serviceWith, someFamilies } from "./memory-ports.ts";

const services = "/etc/dropship.d/services";
const serviceFile = `${services}/web.hcl`;
const files = {
  [mainFile]: 'repo "s3" { secret = file("/keys/s3") }',
  [serviceFile]: serviceWith(""),
  "/keys/s3": "x",
};

function asRoot(path: string, facts: { userId?: number; mode?: number; realPath?: string }, more = {}) {
  return load(files, { userId: 0, facts: { [path]: facts, ...more } });
}

test("root trusts what only root may write", () => {
  const { configuration, text } = load(files, { userId: 0 });

  assert.equal(text, "");
  assert.equal(configuration?.services.length, 1);
});

for (const path of [mainFile, "/etc/dropship.d", serviceFile, services, "/keys/s3", "/keys"]) {
  test(`root refuses ${path} when others may write it, or own it`, () => {
    const group = asRoot(path, { mode: 0o664 });
    const others = asRoot(path, { mode: 0o757 });
    const owner = asRoot(path, { userId: 1000 });

    assert.equal(group.configuration, undefined);
    assert.ok(group.text.includes(`${path} can be written by others than root (mode 0664)`), group.text);
    assert.ok(group.text.includes(`chmod go-w ${path}`));
    assert.ok(others.text.includes(`${path} can be written by others than root (mode 0757)`));
    assert.ok(owner.text.includes(`${path} belongs to user 1000, who could make root run anything`));
    assert.ok(owner.text.includes(`chown root ${path}`));
  });
}

test("root refuses a link into a folder that others may write", () => {
  const { text } = asRoot(mainFile, { realPath: "/tmp/dropship.hcl" }, { "/tmp": { mode: 0o1777 } });

  assert.equal(text, "");
  const exists = load(
    { ...files, "/tmp/dropship.hcl": "" },
    {
      userId: 0,
      facts: { [mainFile]: { realPath: "/tmp/dropship.hcl" }, "/tmp": { mode: 0o1777 } },
    },
  );
  assert.match(exists.text, /\/tmp can be written by others than root \(mode 1777\)/);
});

test("root refuses a file below a folder whose owner could put another one in its place", () => {
  const below = { ...files, "/etc/hosts": "" };
  const owned = load(below, { userId: 0, facts: { "/etc": { userId: 1000 } } });
  const open = load(below, { userId: 0, facts: { "/etc": { mode: 0o777 } } });
  const sticky = load(below, { userId: 0, facts: { "/etc": { mode: 0o1777 } } });

  assert.match(owned.text, /\/etc belongs to user 1000/);
  assert.match(open.text, /\/etc can be written by others than root \(mode 0777\)/);
  assert.equal(sticky.text, "", "nobody may move what others own there");
});

test("root judges the very file that it read, not only what stood there before", () => {
  const folder = mkdtempSync(join(tmpdir(), "dropship-config-"));
  try {
    const file = join(folder, "dropship.hcl");
    writeFileSync(file, `${serviceWith("")}repo "s3" { secret = file("key") }`);
    writeFileSync(join(folder, "key"), "x");
    chmodSync(file, 0o666);
    const ports = diskPorts();
    // Whoever looks finds nothing wrong: it is exchanged between the look and the opening.
    const fooled = { ...ports, userId: 0, inspect: (path: string) => ({ userId: 0, mode: 0o700, realPath: path }) };

    const ofMain = loadConfiguration(file, fooled, someFamilies);
    chmodSync(file, 0o600);
    chmodSync(join(folder, "key"), 0o622);
    const ofKey = loadConfiguration(file, fooled, someFamilies);

    const mine = process.geteuid?.() === 0 ? /can be written by others/ : /belongs to user/;
    assert.match(ofMain.diagnostics.map(({ message }) => message).join(), mine);
    assert.match(ofKey.diagnostics.map(({ message }) => message).join(), mine);
    assert.equal(ofMain.configuration ?? ofKey.configuration, undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("another user than root is not asked about permissions", () => {
  const { configuration } = load(files, { userId: 1000, facts: { [mainFile]: { mode: 0o666, userId: 1234 } } });

  assert.ok(configuration);
});

test("real files: a loose mode is refused for root and taken for others", () => {
  const folder = mkdtempSync(join(tmpdir(), "dropship-config-"));
  try {
    const file = join(folder, "dropship.hcl");
    mkdirSync(join(folder, "services"));
    writeFileSync(file, serviceWith(""));
    chmodSync(file, 0o666);
    const ports = diskPorts();
    const owner = process.geteuid?.() ?? -1;

    const asOther = loadConfiguration(file, { ...ports, userId: 1000 }, someFamilies);
    const asRootUser = loadConfiguration(file, { ...ports, userId: 0 }, someFamilies);

    assert.equal(asOther.configuration?.services.length, 1);
    const expected = owner === 0 ? /mode 0666/ : new RegExp(`belongs to user ${owner}`);
    assert.match(asRootUser.diagnostics[0]?.message ?? "", expected);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
