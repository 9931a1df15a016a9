import fs from "node:fs";
import { writeFailure } from "./write-failure.ts";

/** Syncs and closes what was written, some at a time on the thread pool, while the next files are being written. */
export interface Syncer {
  /** Takes the descriptor over. */
  take(fd: number, path: string): void;
  /** True when so many descriptors wait that the writer should wait too. */
  readonly congested: boolean;
  /** Resolves when there is room again; rejects with the first failure. */
  relieved(): Promise<void>;
  /** Resolves when all are on disk; rejects with the first failure. */
  settled(): Promise<void>;
  /** Closes what still waits, unsynced; resolves when no sync is under way any more. */
  abandon(): Promise<void>;
}

/** Leaves one of the pool's four threads to the decompressor. */
const underWay = 3;
/** Far below the usual limit of 1,024 open files. */
const mostWaiting = 128;

export function syncer(sync: boolean): Syncer {
  const waiting: { readonly fd: number; readonly path: string }[] = [];
  let running = 0;
  let broken: Error | undefined;
  let waiter: { readonly amount: number; readonly wake: () => void } | undefined;

  function take(fd: number, path: string): void {
    if (!sync) {
      close(fd, path);
      return;
    }
    waiting.push({ fd, path });
    next();
  }

  function next(): void {
    while (running < underWay) {
      const file = waiting.shift();
      if (file === undefined) return;
      running += 1;
      // One try only: after a failed fsync the kernel may call the pages clean, and a second try would lie.
      fs.fsync(file.fd, (error) => {
        running -= 1;
        if (error !== null) broken ??= writeFailure(file.path, error);
        close(file.fd, file.path);
        next();
        if (waiter !== undefined && waiting.length + running <= waiter.amount) waiter.wake();
      });
    }
  }

  function close(fd: number, path: string): void {
    try {
      fs.closeSync(fd);
    } catch (error) {
      broken ??= writeFailure(path, error);
    }
  }

  async function below(amount: number): Promise<void> {
    if (waiting.length + running <= amount) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    waiter = { amount, wake: resolve };
    await promise;
    waiter = undefined;
  }

  async function until(amount: number): Promise<void> {
    await below(amount);
    if (broken !== undefined) throw broken;
  }

  return {
    take,
    get congested() {
      return broken !== undefined || waiting.length > mostWaiting;
    },
    relieved: () => until(mostWaiting / 2),
    settled: () => until(0),
    async abandon() {
      for (const { fd, path } of waiting.splice(0)) close(fd, path);
      await below(0);
    },
  };
}
