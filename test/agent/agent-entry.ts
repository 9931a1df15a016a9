// Runs an agent on a configuration file, as the command does it: node agent-entry.ts <file> [--once | --chatty]
import { systemPorts } from "../../src/agent/agent-ports.ts";
import { runAgent } from "../../src/agent/run-agent.ts";
import { diskPorts } from "../../src/config/disk.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { asFailure } from "../../src/domain/failures/failure.ts";
import { createLogger } from "../../src/platform/logger.ts";

const [file = "", flag] = process.argv.slice(2);
const logger = createLogger({ level: "debug", format: "json" });

// More than any pipe holds: from here on nobody takes what is logged, unless somebody reads.
if (flag === "--chatty")
  for (let line = 0; line < 2000; line += 1) logger.log("info", "filling the pipe", { text: "x".repeat(100) });

async function load() {
  const { configuration, diagnostics } = loadConfiguration(file, diskPorts());
  if (configuration === undefined) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return configuration;
}

try {
  const code = await runAgent({
    configuration: await load(),
    load,
    ports: systemPorts(logger),
    once: flag === "--once",
  });
  await logger.flush(500);
  process.exit(code);
} catch (thrown) {
  const { code, message, exitCode } = asFailure(thrown);
  logger.log("error", "the agent did not start", { code, problem: message });
  await logger.flush(500);
  process.exit(exitCode);
}
