/** Whether this process should get requests. */
export interface Readiness {
  /** Why it should not, for a person; undefined: it should. */
  whyNot(signal: AbortSignal): Promise<string | undefined>;
  /** From now on it should not: it stops. */
  drain(): void;
}

/**
 * Ready from the first time that the store was SERVING until the process stops. A revision that cannot find its store (a
 * wrong address, a missing route) never replaces one that can. Once ready, it stays so: taking every instance out because
 * the store is down would turn its answers of 503 with a reason into an edge without a backend, and delay recovery.
 */
export function readinessAfter(storeIsServing: (signal: AbortSignal) => Promise<boolean>): Readiness {
  let reached = false;
  let draining = false;
  return {
    async whyNot(signal) {
      reached ||= await storeIsServing(signal);
      if (draining) return "The service is stopping.";
      return reached
        ? undefined
        : "The store service has not been reached yet: is STORE_ADDR right, and the store up?";
    },
    drain() {
      draining = true;
    },
  };
}
