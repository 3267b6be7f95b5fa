/** What is looked at of a worktree at most: entries of its folders, characters of their paths, bytes of their content. */
const MOST_ENTRIES = 200_000;
const MOST_CHARACTERS = 2 ** 25;
const MOST_BYTES = 2 ** 28;

/** A worktree has more than is looked at. */
export class TooManyFiles extends Error {}

/** Counts what is looked at. A pull request may fill its worktree with whatever it likes; the engine's memory is everybody's. */
export interface Bounds {
  /** @throws TooManyFiles */
  see(path: string): void;
  /** @param bytes that are about to be read. @throws TooManyFiles */
  read(bytes: number): void;
}

export function openBounds(): Bounds {
  let entries = 0;
  let characters = 0;
  let bytes = 0;
  const check = () => {
    const isTooMuch = entries > MOST_ENTRIES || characters > MOST_CHARACTERS || bytes > MOST_BYTES;
    if (isTooMuch) throw new TooManyFiles("The worktree has more files than are looked at.");
  };
  return {
    see: (path) => {
      entries += 1;
      characters += path.length;
      check();
    },
    read: (more) => {
      bytes += more;
      check();
    },
  };
}

/** What was looked for; `undefined` where there are too many files. */
export function unlessTooMany<T>(looking: Promise<T>): Promise<T | undefined> {
  return looking.catch((error: unknown) => {
    if (error instanceof TooManyFiles) return undefined;
    throw error;
  });
}
