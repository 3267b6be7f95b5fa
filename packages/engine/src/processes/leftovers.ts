import type { Logger } from "pino";

/** Milliseconds between two tries. */
const AGAIN = 10_000;

/** Clears what is left of an instance, or of what was installed for it; may be called again when it failed. */
export type Clear = () => Promise<void>;

/**
 * What could not be removed, tried again until it can be: the machine may have been without file descriptors, or the file system
 * read-only for a while. Until then `perch residue` lists it.
 */
export interface Leftovers {
  /** @param id of an instance, or a path in the state folder. */
  add(id: string, error: unknown, clear: Clear): void;
  close(): void;
}

export function openLeftovers(logger: Logger, again = AGAIN): Leftovers {
  const left = new Map<string, Clear>();
  let trying = false;

  async function tryAll(): Promise<void> {
    if (trying) return;
    trying = true;
    for (const [id, clear] of left) {
      // One that fails as before has been told already.
      const isGone = await clear().then(
        () => true,
        () => false,
      );
      if (!isGone) continue;
      left.delete(id);
      logger.info({ left: id }, "what could not be removed is gone now");
    }
    trying = false;
  }

  const timer = setInterval(tryAll, again);
  timer.unref();
  return {
    add: (id, err, clear) => {
      logger.error({ err, left: id }, "could not be removed whole; it is tried again");
      left.set(id, clear);
    },
    close: () => clearInterval(timer),
  };
}
