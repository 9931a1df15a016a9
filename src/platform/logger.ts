import { fstatSync } from "node:fs";
import { isatty } from "node:tty";
import { type LogStyle, logLine } from "../domain/log-line.ts";
import { descriptorSink, type LogSink } from "./log-sink.ts";
import type { LogFields, Logger, LogLevel } from "./ports.ts";

/** What the sink has not taken yet is kept up to this; what comes beyond it is counted and dropped. */
const longestBacklog = 1024 * 1024;
/** How long a full sink is left alone, at first and at most. */
const firstPause = 20;
const longestPause = 1_000;

export interface LoggerOptions {
  /** The least level that is written. */
  readonly level: LogLevel;
  /** "auto": text on a terminal, journald's own where it listens, else JSON. */
  readonly format: "auto" | LogStyle;
  readonly descriptor?: number;
  readonly wall?: () => number;
  /** For tests; the descriptor's otherwise. */
  readonly sink?: LogSink;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** A logger that never holds up whoever logs: one write without waiting, and a bounded backlog when the sink is full. */
export interface ProcessLogger extends Logger {
  /** Values that are replaced wherever they would appear, from now on. */
  conceal(secrets: Iterable<string>): void;
  /** Writes what is left, for at most `limit` milliseconds. */
  flush(limit: number): Promise<void>;
}

const order: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** The log of this process, on standard error unless another descriptor is given. */
export function createLogger(options: LoggerOptions): ProcessLogger {
  const { descriptor = 2, wall = Date.now, environment = process.env } = options;
  const style = options.format === "auto" ? styleFor(descriptor, environment) : options.format;
  const colour = style === "text" && isatty(descriptor) && (environment["NO_COLOR"] ?? "") === "";
  const backlog = createBacklog(options.sink ?? descriptorSink(descriptor));
  const secrets = new Set<string>();
  const least = order.indexOf(options.level);

  const write = (level: LogLevel, event: string, fields: LogFields) => {
    if (order.indexOf(level) < least) return;
    const line = (entry: string, more: LogFields) =>
      Buffer.from(`${logLine({ at: wall(), level, event: entry, fields: more }, style, colour, secrets)}\n`);
    const lost = backlog.takeLost();
    if (lost > 0) backlog.add(line("log lines were dropped: nobody took them", { dropped: lost }), lost);
    backlog.add(line(event, fields), 1);
  };
  const withFields = (bound: LogFields): Logger => ({
    log: (level, event, fields) => write(level, event, { ...bound, ...fields }),
    with: (more) => withFields({ ...bound, ...more }),
  });
  return {
    ...withFields({}),
    conceal(values) {
      for (const value of values) secrets.add(value);
    },
    flush: (limit) => backlog.flush(limit),
  };
}

/** systemd names the socket of its journal in JOURNAL_STREAM (systemd.exec(5)): we may have been redirected since. */
function styleFor(descriptor: number, environment: Readonly<Record<string, string | undefined>>): LogStyle {
  if (isatty(descriptor)) return "text";
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return environment["JOURNAL_STREAM"] === `${dev}:${ino}` ? "journal" : "json";
  } catch {
    return "json";
  }
}

interface Backlog {
  /** `lines`: what is lost with it when there is no room. */
  add(line: Uint8Array, lines: number): void;
  /** How many lines were dropped since the last time; only told when there is room again to say so. */
  takeLost(): number;
  flush(limit: number): Promise<void>;
}

function createBacklog(sink: LogSink): Backlog {
  let waiting: Uint8Array[] = [];
  let size = 0;
  let lost = 0;
  let pause = firstPause;
  let timer: NodeJS.Timeout | undefined;

  const drain = (): void => {
    clearTimeout(timer);
    timer = undefined;
    while (waiting[0] !== undefined) {
      const [first] = waiting;
      let taken: number;
      try {
        taken = sink(first);
      } catch {
        // A full disk, a closed pipe: the lines are lost, the agent is not.
        lost += waiting.length;
        waiting = [];
        size = 0;
        return;
      }
      size -= taken;
      if (taken === first.length) {
        waiting.shift();
        pause = firstPause;
        continue;
      }
      waiting[0] = first.subarray(taken);
      if (taken > 0) continue;
      timer = setTimeout(drain, pause).unref();
      pause = Math.min(pause * 2, longestPause);
      return;
    }
  };
  return {
    add(line, lines) {
      if (size + line.length > longestBacklog) {
        lost += lines;
        return;
      }
      waiting.push(line);
      size += line.length;
      if (timer === undefined) drain();
    },
    takeLost() {
      if (lost === 0 || size > longestBacklog / 2) return 0;
      const count = lost;
      lost = 0;
      return count;
    },
    async flush(limit) {
      const end = performance.now() + limit;
      while (waiting.length > 0 && performance.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, firstPause));
        drain();
      }
    },
  };
}
