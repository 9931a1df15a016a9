import { flag, name, type Option, table, url } from "../../domain/options.ts";
import type { HttpAnswer } from "../../platform/ports.ts";
import { authoritiesIn } from "../authorities.ts";
import { defineDriver } from "../driver.ts";
import { probing } from "./answer.ts";
import type { Probe, ProbeAnswer, ProbePorts } from "./probe.ts";

/** Of the body, searched for `contains`; what comes after is not looked at. */
const bodyLimit = 1024 * 1024;

type StatusRange = readonly [lowest: number, highest: number];

/** The status codes that count as healthy, kept as they were written. */
const status: Option<string> = {
  type: "status codes",
  summary: "The answers that count as healthy. Redirects are not followed: a redirect is an answer.",
  default: "200-399",
  example: '"200-299"',
  decode(raw) {
    const written = typeof raw === "number" ? String(raw) : raw;
    return typeof written === "string" && statusRanges(written) !== undefined
      ? { value: written }
      : { expected: 'one status or several, such as "200", "200-299" or "200,204,301-302"' };
  },
};

/** `undefined`: the text is no list of status codes and ranges of them. */
function statusRanges(written: string): readonly StatusRange[] | undefined {
  const ranges = written.split(",").map((part): StatusRange | undefined => {
    const [, lowest, highest = lowest] = /^\s*([1-5]\d\d)(?:\s*-\s*([1-5]\d\d))?\s*$/.exec(part) ?? [];
    return Number(lowest) <= Number(highest) ? [Number(lowest), Number(highest)] : undefined;
  });
  return ranges.every((range) => range !== undefined) ? ranges : undefined;
}

/** Healthy when a GET is answered as expected. */
export const http = defineDriver({
  name: "http",
  summary: "The service is healthy when it answers an HTTP request as expected.",
  options: {
    url: url({ summary: "What is asked for.", required: true, example: "http://127.0.0.1:8080/health" }),
    status,
    contains: name({ summary: "A text that must stand in the first MiB of the answer." }),
    headers: table({ summary: "More headers of the request.", example: '{ Host = "web.example.com" }', secret: true }),
    ca: name({
      summary: "A file with the certificates (PEM) of the authorities to trust instead of the built-in ones.",
      example: '"/etc/ssl/private-authority.pem"',
    }),
    insecure: flag({
      summary: "Take any certificate: for a service on this host whose certificate is made for another name.",
      default: false,
    }),
  },
  create(options, ports: ProbePorts): Probe {
    const authorities = authoritiesIn(options.ca);
    const wished = { status: statusRanges(options.status) ?? [], contains: options.contains };
    const headers = Object.entries(options.headers ?? {}).map(([key, value]) => [key.toLowerCase(), value] as const);
    return {
      label: `health http (${ports.where})`,
      check: ({ signal, timeout }) =>
        probing(ports.clock, signal, async () => {
          const trusted = await authorities.read();
          const answer = await ports.http.request({
            method: "GET",
            url: options.url,
            // A kept connection could lead to the process that ran before and is still ending.
            headers: { "user-agent": "dropship", connection: "close", ...Object.fromEntries(headers) },
            signal,
            headTimeout: timeout,
            anyCertificate: options.insecure,
            ...(trusted !== undefined && { authorities: trusted }),
          });
          return judge(answer, wished);
        }),
    };
  },
});

async function judge(
  answer: HttpAnswer,
  wished: { readonly status: readonly StatusRange[]; readonly contains: string | undefined },
): Promise<ProbeAnswer> {
  const healthy = wished.status.some(([lowest, highest]) => answer.status >= lowest && answer.status <= highest);
  const detail = `answer ${answer.status}`;
  if (!healthy || wished.contains === undefined) {
    answer.discard();
    return { healthy, detail };
  }
  const found = (await start(answer)).includes(wished.contains);
  return { healthy: found, detail: found ? detail : `${detail} without "${wished.contains}" in it` };
}

/** The start of the body, as bytes so that no character is cut in two before it is searched. */
async function start(answer: HttpAnswer): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    chunks.push(chunk.subarray(0, bodyLimit - size));
    size += chunk.length;
    if (size >= bodyLimit) break;
  }
  answer.discard();
  return Buffer.concat(chunks);
}
