import type { Logger } from "pino";

/** Runs rounds one after another: on a trigger, and when the last round said that one is due. */
export interface ReconcileLoop {
  /** Asks for a round soon; many triggers before it are one round. */
  trigger(): void;
  /** @param round returns when the next one is due at the latest, epoch milliseconds. */
  begin(round: () => number | undefined): void;
  close(): void;
}

/** Milliseconds after which a round that failed is tried again. */
const AFTER_FAILURE = 1_000;

/** Milliseconds until the next round at most: a timer cannot be set for more than 24 days, and clocks jump. */
const LONGEST = 3_600_000;

export function reconcileLoop(logger: Logger): ReconcileLoop {
  let round: (() => number | undefined) | undefined;
  let closed = false;
  let scheduled = false;
  let timer: NodeJS.Timeout | undefined;

  function run(): void {
    scheduled = false;
    if (closed) return;
    clearTimeout(timer);
    const due = attempt();
    if (due !== undefined) timer = setTimeout(trigger, Math.min(Math.max(due - Date.now(), 0), LONGEST));
  }

  function attempt(): number | undefined {
    try {
      return round?.();
    } catch (error) {
      // A bug in one round must not end the service of what runs.
      logger.error({ err: error }, "a reconcile round failed");
      return Date.now() + AFTER_FAILURE;
    }
  }

  function trigger(): void {
    if (scheduled || closed) return;
    scheduled = true;
    setImmediate(run);
  }

  return {
    trigger,
    begin: (begun) => {
      round = begun;
      trigger();
    },
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}
