/** What one service is at, in the workflow's words; "idle" at rest. */
export interface Occupation {
  readonly service: string;
  readonly phase: string;
  /** Going back failed there: somebody must look. */
  readonly broken: boolean;
}

/** So many services are named; the others are counted. */
const namedLimit = 4;

/** One line that tells a service manager what the agent is doing: "web: checking health; looks after 3 services". */
export function statusLine(services: readonly Occupation[]): string {
  const busy = services.filter(({ phase }) => phase !== "idle");
  const named = [
    ...busy.map(({ service, phase }) => `${service}: ${phase.replaceAll("-", " ")}`),
    ...services.filter(({ broken, phase }) => broken && phase === "idle").map(({ service }) => `${service}: broken`),
  ];
  const more = named.length > namedLimit ? [`${named.length - namedLimit} more at work`] : [];
  const count = services.length === 1 ? "1 service" : `${services.length || "no"} services`;
  return [...named.slice(0, namedLimit), ...more, `looks after ${count}`].join("; ").replaceAll(/\p{C}/gu, " ");
}
