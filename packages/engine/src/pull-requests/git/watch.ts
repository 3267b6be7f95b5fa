import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Milliseconds after a change until it is told: a push moves several refs, each by a lock file and a rename. */
const SETTLE = 20;

/** Beside `refs`: where git packs refs into, and the default branch's name. Both are replaced whole, so their folder is watched. */
const FILES = ["packed-refs", "HEAD"];

/**
 * Tells when refs of a remote on this machine move, so that nobody waits for the next look. It is a help, never needed: a
 * remote elsewhere, or a folder that cannot be watched, is looked at by and by as ever.
 * @param remote a URL or a path
 */
export async function watchRefs(remote: string, changed: () => void, signal: AbortSignal): Promise<void> {
  const folder = await gitFolder(remote);
  if (folder === undefined || signal.aborted) return;
  let timer: NodeJS.Timeout | undefined;
  const settle = () => {
    clearTimeout(timer);
    timer = setTimeout(changed, SETTLE);
  };
  const watchers = [
    ...watched(folder, { recursive: false }, (name) => {
      if (name === null || FILES.includes(name)) settle();
    }),
    ...watched(join(folder, "refs"), { recursive: true }, settle),
  ];
  signal.addEventListener(
    "abort",
    () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
    { once: true },
  );
}

/** The folder that holds `refs`; undefined where the remote is not on this machine. */
async function gitFolder(remote: string): Promise<string | undefined> {
  const path = localPath(remote);
  if (path === undefined) return undefined;
  for (const folder of [join(path, ".git"), path]) {
    const refs = await stat(join(folder, "refs")).catch(() => undefined);
    if (refs?.isDirectory()) return folder;
  }
  return undefined;
}

function localPath(remote: string): string | undefined {
  if (isAbsolute(remote)) return remote;
  const url = URL.parse(remote);
  return url?.protocol === "file:" && url.host === "" ? fileURLToPath(url) : undefined;
}

function watched(
  path: string,
  { recursive }: { readonly recursive: boolean },
  changed: (name: string | null) => void,
): FSWatcher[] {
  try {
    const watcher = watch(path, { recursive, persistent: false }, (_event, name) => changed(name));
    // Out of watches (inotify(7), max_user_watches), or the folder went.
    watcher.on("error", () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}
