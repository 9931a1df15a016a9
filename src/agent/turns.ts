/** A limit on how many of one thing run at a time; those who wait are served in the order they came. */
export interface Turns {
  /** Resolves when it is the caller's turn; the turn ends when what it gives is disposed of. */
  take(signal?: AbortSignal): Promise<Disposable>;
}

export function createTurns(limit: number): Turns {
  const waiting: (() => void)[] = [];
  let taken = 0;
  const give = (): Disposable => {
    taken += 1;
    let held = true;
    return {
      [Symbol.dispose]() {
        if (!held) return;
        held = false;
        taken -= 1;
        waiting.shift()?.();
      },
    };
  };
  return {
    async take(signal) {
      signal?.throwIfAborted();
      if (taken < limit) return give();
      return await new Promise((resolve, reject) => {
        const admit = () => {
          signal?.removeEventListener("abort", leave);
          resolve(give());
        };
        const leave = () => {
          waiting.splice(waiting.indexOf(admit), 1);
          reject(signal?.reason);
        };
        waiting.push(admit);
        signal?.addEventListener("abort", leave, { once: true });
      });
    },
  };
}
