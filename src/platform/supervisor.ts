import { spawn } from "node:child_process";
import type { Milliseconds } from "../domain/duration.ts";
import type { Clock, Logger } from "./ports.ts";

/**
 * What systemd is told about this process by the protocol of sd_notify(3). Under another service manager, and without one,
 * all of it does nothing.
 */
export interface Supervisor extends AsyncDisposable {
  /** The service is up. From now on it is told again and again that the event loop turns, where it wants to know. */
  ready(): void;
  /** What the process is doing, one line. Of several in a row the last one counts. */
  status(line: string): void;
  stopping(): void;
}

/**
 * Node cannot send to a datagram socket, so `systemd-notify` does it, which stands beside every systemd. Run by root it
 * speaks in the name of its parent, so that NotifyAccess=main suffices and no hook can speak for the agent.
 */
export function createSupervisor(
  environment: Readonly<Record<string, string | undefined>>,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Supervisor {
  const socket = environment["NOTIFY_SOCKET"] ?? "";
  if (socket === "") return silent;
  const teller = createTeller(tellBy(socket, environment["PATH"]), clock, logger);
  const every = watchdogPause(environment);
  const ended = new AbortController();
  const attest = async (pause: Milliseconds) => {
    while (!ended.signal.aborted) {
      teller.tell({ WATCHDOG: "1" });
      await clock.sleep(pause, ended.signal).catch(() => undefined);
    }
  };
  let line: string | undefined;
  return {
    ready() {
      teller.tell({ READY: "1" });
      if (every !== undefined) void attest(every);
    },
    status(next) {
      if (next === line) return;
      line = next;
      teller.tell({ STATUS: next });
    },
    stopping: () => teller.tell({ STOPPING: "1" }),
    async [Symbol.asyncDispose]() {
      ended.abort();
      await teller.told();
    },
  };
}

const silent: Supervisor = {
  ready: () => undefined,
  status: () => undefined,
  stopping: () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
};

/** One telling takes a millisecond; one that hangs is given up. */
const tellingLimit: Milliseconds = 10_000;
/** Between two tellings: states that follow each other closely are told as one. */
const pauseBetween: Milliseconds = 250;

type Facts = Readonly<Record<string, string>>;

interface Teller {
  tell(facts: Facts): void;
  /** Resolves when all was told, or was given up: who tells must not be left behind by a process that ends. */
  told(): Promise<void>;
}

/** One telling at a time; what is to be told meanwhile goes together into the next one. */
function createTeller(send: (facts: Facts) => Promise<string | undefined>, clock: Clock, logger: Logger): Teller {
  let waiting: Facts | undefined;
  let ended = Promise.resolve();
  let busy = false;
  let complained = false;
  const drain = async () => {
    busy = true;
    while (waiting !== undefined) {
      const facts = waiting;
      waiting = undefined;
      const problem = await send(facts);
      if (problem !== undefined && !complained) {
        complained = true;
        logger.log("warn", "systemd could not be told how the agent is", { problem });
      }
      await clock.sleep(pauseBetween);
    }
    busy = false;
  };
  return {
    tell(facts) {
      waiting = { ...waiting, ...facts };
      if (!busy) ended = drain();
    },
    told: () => ended,
  };
}

/** Resolves to why it did not work; undefined when it did. */
function tellBy(socket: string, path: string | undefined): (facts: Facts) => Promise<string | undefined> {
  return (facts) =>
    new Promise((resolve) => {
      const words = Object.entries(facts).map(([name, value]) => `${name}=${value}`);
      const child = spawn("systemd-notify", words, {
        env: { NOTIFY_SOCKET: socket, PATH: path ?? "/usr/bin:/bin" },
        stdio: "ignore",
        timeout: tellingLimit,
        killSignal: "SIGKILL",
      });
      child.once("error", ({ message }) => resolve(message));
      child.once("exit", (code, signal) =>
        resolve(code === 0 ? undefined : `systemd-notify ended with ${code ?? signal}`),
      );
    });
}

/** A third of the time after which systemd loses patience; undefined: it does not watch this process. */
function watchdogPause(environment: Readonly<Record<string, string | undefined>>): Milliseconds | undefined {
  const microseconds = Number(environment["WATCHDOG_USEC"]);
  const other = environment["WATCHDOG_PID"];
  if (!(microseconds > 0) || (other !== undefined && other !== String(process.pid))) return undefined;
  return microseconds / 3000;
}
