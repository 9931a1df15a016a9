import { dirname } from "node:path";
import type { Families } from "../../src/config/families.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import type { ConfigPorts, FileFacts } from "../../src/config/ports.ts";
import { renderDiagnostics } from "../../src/config/render-diagnostics.ts";
import { name, type Schema, table, text, texts, url } from "../../src/domain/options.ts";
import { registry } from "../../src/drivers/driver.ts";

export interface MemoryOptions {
  readonly environment?: Record<string, string>;
  readonly userId?: number;
  readonly hostname?: string;
  readonly facts?: Record<string, Partial<FileFacts>>;
}

/** Files in memory. A folder exists when a file is in it. */
export function memoryPorts(files: Record<string, string | Uint8Array>, options: MemoryOptions = {}): ConfigPorts {
  const folders = new Set(Object.keys(files).map((path) => dirname(path)));
  return {
    read: (path, limit) => {
      const content = files[path];
      if (content === undefined) return { problem: "there is no such file" };
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      return { bytes: bytes.subarray(0, limit + 1), facts: { userId: 0, mode: 0o644, ...options.facts?.[path] } };
    },
    list: (path) =>
      folders.has(path)
        ? Object.keys(files)
            .filter((file) => dirname(file) === path)
            .map((file) => file.slice(path.length + 1))
            .reverse()
        : undefined,
    inspect: (path) =>
      files[path] !== undefined || folders.has(path)
        ? { userId: 0, mode: 0o755, realPath: path, ...options.facts?.[path] }
        : undefined,
    environment: options.environment ?? {},
    userId: options.userId ?? 1000,
    workingDirectory: "/work",
    hostname: options.hostname ?? "web-1",
  };
}

export const mainFile = "/etc/dropship.d/dropship.hcl";

/** What a person would see of these files, and what the agent would get. */
export function load(files: Record<string, string | Uint8Array>, options?: MemoryOptions) {
  const { configuration, diagnostics } = loadConfiguration(mainFile, memoryPorts(files, options), someFamilies);
  return { configuration, diagnostics, text: renderDiagnostics(diagnostics, { colour: false }) };
}

/** A whole service with one more thing in it, beginning on its second line. */
export function serviceWith(body: string, name = "web"): string {
  const artifact = `  artifact "s3" {\n    bucket = "b"\n    path = "p"\n    destination = "/srv/${name}"\n  }\n`;
  return `service "${name}" {\n${body}\n${artifact}}\n`;
}

/** The service "web" in a file of its own, with one more thing in it from the second line on. */
export function loadService(body: string, main = "", options?: MemoryOptions) {
  const files = { [mainFile]: main, "/etc/dropship.d/services/web.hcl": serviceWith(body) };
  const { configuration, text } = load(files, options);
  return { service: configuration?.services[0], configuration, text };
}

const object = {
  bucket: name({ summary: "Bucket of the object.", required: true }),
  path: name({ summary: "Name of the object.", required: true }),
} satisfies Schema;

/** A small set of drivers, so that the decoder's tests do not depend on what the real ones take. */
export const someFamilies: Families = {
  repositories: registry("repository", [
    {
      name: "s3",
      summary: "An S3 store.",
      options: {
        accessKey: text({ summary: "Key id." }),
        secret: text({ summary: "Secret key.", secret: true }),
        name: text({ summary: "Region." }),
        endpoint: url({ summary: "Address." }),
      },
      artifact: object,
      below: () => undefined,
      store: () => undefined,
    },
    {
      name: "vault",
      summary: "A store that needs a repo block.",
      options: {
        address: url({ summary: "Address.", required: true, example: "https://vault.example.com" }),
        key: name({ summary: "Key.", required: true, secret: true }),
        hosts: texts({ summary: "Hosts." }),
      },
      artifact: object,
    },
  ]),
  hooks: registry("hook", [
    {
      name: "script",
      summary: "Runs a command.",
      options: {
        command: name({ summary: "The command.", required: true, template: true }),
        env: table({ summary: "Its environment.", template: true }),
      },
    },
    { name: "event", summary: "Tells somebody.", options: { what: text({ summary: "What.", template: true }) } },
  ]),
  stores: registry("lock", [
    {
      name: "consul",
      summary: "Consul.",
      options: {
        address: text({ summary: "Address." }),
        token: text({ summary: "Token.", secret: true }),
        ttl: text({ summary: "Without effect." }),
      },
    },
    { name: "etcd", summary: "etcd.", options: {} },
  ]),
  probes: registry("health probe", [
    { name: "http", summary: "Asks for a page.", options: { url: url({ summary: "The page.", required: true }) } },
  ]),
};
