/**
 * What `promise` comes to, or the signal's reason as soon as it aborts: for work that itself cannot be stopped, or that others
 * wait for as well. What comes of it after that concerns nobody here.
 */
export async function stoppable<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
