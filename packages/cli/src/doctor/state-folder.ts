import { access, constants } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** The folder itself, or the nearest one above it that is there. */
export async function nearestExisting(path: string): Promise<string> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const isThere = await access(folder).then(
      () => true,
      () => false,
    );
    if (isThere || folder === dirname(folder)) return folder;
  }
}

/** What the system says against writing there; `undefined`: nothing. */
export async function whyNotWritable(path: string): Promise<string | undefined> {
  return access(await nearestExisting(path), constants.W_OK | constants.X_OK).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

/** The folder itself, where it is there and may be written to: what a crash leaves there goes at the engine's next start. */
export async function placeToTry(path: string): Promise<string | undefined> {
  return access(path, constants.W_OK | constants.X_OK).then(
    () => path,
    () => undefined,
  );
}
