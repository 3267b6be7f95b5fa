/** Waits for a promise, but no longer than so many milliseconds, and not after a signal. What comes of the promise then is nobody's. */
export async function atMost(
  timeout: number,
  promise: Promise<unknown>,
  signal?: AbortSignal,
): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const stop = () => resolve();
  const timer = setTimeout(stop, timeout);
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  try {
    await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}
