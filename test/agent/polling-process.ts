// Looks at a server as often as it can: node --expose-gc polling-process.ts <checks> [services]
// Prints one line of JSON for each tenth: how many checks so far, and what the process holds after a collection.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemPorts } from "../../src/agent/agent-ports.ts";
import { openWorkplace } from "../../src/agent/workplace.ts";
import { diskPorts } from "../../src/config/disk.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { failure } from "../../src/domain/failures/failure.ts";
import type { Logger } from "../../src/platform/ports.ts";

const checks = Number(process.argv[2] ?? 20_000);
const services = Number(process.argv[3] ?? 100);
const folder = mkdtempSync(join(tmpdir(), "dropship-polling-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
let warnings = 0;
process.on("warning", () => {
  warnings += 1;
});

let asked = 0;
let reached = Promise.withResolvers<void>();
const server = createServer((request, response) => {
  asked += 1;
  if (asked % Math.ceil(checks / 10) === 0) reached.resolve();
  if (asked % 97 === 0) request.socket.resetAndDestroy();
  else if (asked % 13 === 0) response.writeHead(503, { "retry-after": "0" }).end("busy");
  else if (asked % 7 === 0) response.writeHead(200, { etag: '"same"', "content-length": "5" }).end();
  else response.writeHead(304, { etag: '"same"' }).end();
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;

const blocks = Array.from({ length: services }, (_, nth) => {
  const artifact = `url = "http://127.0.0.1:${port}/${nth}"\n    destination = "${folder}/srv/${nth}"`;
  return `service "s${nth}" {\n  hash = "same"\n  artifact "http" {\n    ${artifact}\n  }\n}\n`;
});
writeFileSync(join(folder, "dropship.hcl"), `state_path = "${folder}/state"\n${blocks.join("")}`, { mode: 0o600 });
const { configuration, diagnostics } = loadConfiguration(join(folder, "dropship.hcl"), diskPorts());
if (configuration === undefined) throw new Error(JSON.stringify(diagnostics[0]));

const logger: Logger = { log: () => undefined, with: () => logger };
const ports = systemPorts(logger);
const hasty = { ...ports.clock, sleep: (_: number, signal?: AbortSignal) => ports.clock.sleep(0, signal) };
const stop = new AbortController();
const workplace = openWorkplace({
  configuration,
  ports: { ...ports, clock: hasty },
  what: "polling",
  stop: stop.signal,
  reload: () => Promise.resolve(configuration),
});
workplace.services.startLoops();
for (let part = 1; part <= 10; part += 1) {
  await reached.promise;
  reached = Promise.withResolvers<void>();
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo().length;
  console.log(JSON.stringify({ checks: asked, heap: heapUsed, rss, resources, warnings }));
}
stop.abort(failure("agent-stopping", {}));
await workplace.services.ended();
await workplace.close();
server.closeAllConnections();
process.exit(0);
