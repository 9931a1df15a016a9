import { count, name } from "../../domain/options.ts";
import { defineDriver } from "../driver.ts";
import { probing } from "./answer.ts";
import type { Probe, ProbePorts } from "./probe.ts";

/** Healthy when a TCP connection opens. */
export const tcp = defineDriver({
  name: "tcp",
  summary: "The service is healthy when a TCP connection to it opens.",
  options: {
    host: name({ summary: "A name or an IP address.", default: "127.0.0.1" }),
    port: count(1, 65_535)({ summary: "The port that the service listens on.", required: true }),
  },
  create({ host, port }, ports: ProbePorts): Probe {
    const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    return {
      label: `health tcp ${address} (${ports.where})`,
      check: ({ signal }) =>
        probing(ports.clock, signal, async () => {
          await ports.connect(host, port, signal);
          return { healthy: true, detail: `${address} accepts connections` };
        }),
    };
  },
});
