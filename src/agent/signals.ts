/** What the signals of the operating system ask of the agent. */
export interface SignalWishes {
  /** SIGTERM or SIGINT, the first time. */
  readonly stop: (signal: NodeJS.Signals) => void;
  /** SIGHUP. */
  readonly reload: () => void;
  /** An error that nobody caught: nothing of this process can be trusted any more. */
  readonly crash: (thrown: unknown) => void;
}

const stopSignals = ["SIGTERM", "SIGINT"] as const;

/** Listens until disposed of. The second SIGTERM or SIGINT ends the process at once, as if nobody had listened. */
export function listenToSignals(wishes: SignalWishes): Disposable {
  let asked = false;
  const stop = (signal: NodeJS.Signals) => {
    if (asked) {
      for (const name of stopSignals) process.removeAllListeners(name);
      process.kill(process.pid, signal);
      return;
    }
    asked = true;
    wishes.stop(signal);
  };
  const { reload, crash } = wishes;
  for (const name of stopSignals) process.on(name, stop);
  process.on("SIGHUP", reload);
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  return {
    [Symbol.dispose]() {
      for (const name of stopSignals) process.off(name, stop);
      process.off("SIGHUP", reload);
      process.off("uncaughtException", crash);
      process.off("unhandledRejection", crash);
    },
  };
}
