import { type FSWatcher, type Stats, statSync, watch } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Milliseconds after a change until it is told: a push moves several refs, each by a lock file and a rename. */
const SETTLE = 20;

/** Packed refs, and the default branch's name: replaced whole, beside much that says nothing. */
const FILES = ["packed-refs", "HEAD"];
const BRANCHES = join("refs", "heads");
/** Has a folder for each pull request, with a file `head`. */
const PULLS = join("refs", "pull");

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
  const watches = openWatches(() => come());
  const come = () => {
    settle();
    // What moved in a folder before it was watched, nobody has told of.
    void watchAll().then((isMore) => isMore && !signal.aborted && settle());
  };
  /** Also what came since: the first pull request makes the folder of all, each makes its own. @returns whether there was any. */
  async function watchAll(): Promise<boolean> {
    if (folder === undefined) return false;
    const added = [
      watches.add(folder, (name) => {
        if (name === null || FILES.includes(name)) settle();
      }),
      watches.add(join(folder, BRANCHES), settle),
      watches.add(join(folder, "refs"), come),
      watches.add(join(folder, PULLS), come),
    ];
    for (const name of await readdir(join(folder, PULLS)).catch(() => []))
      added.push(watches.add(join(folder, PULLS, name), settle));
    return added.includes(true);
  }
  await watchAll();
  signal.addEventListener(
    "abort",
    () => {
      clearTimeout(timer);
      watches.close();
    },
    { once: true },
  );
}

/**
 * Watches of folders, each for what is directly in it. The runtime's own recursive watch follows files, and so loses one that
 * is replaced by a rename, which is how git moves a ref.
 */
interface Watches {
  /** @returns false if the folder is watched already, or cannot be. */
  add(folder: string, changed: (name: string | null) => void): boolean;
  close(): void;
}

/** @param replaced called when a watched folder has become another one, which is not watched. */
function openWatches(replaced: () => void): Watches {
  const open = new Map<string, FSWatcher>();
  let isClosed = false;
  return {
    add: (folder, changed) => {
      if (isClosed || open.has(folder)) return false;
      try {
        const { ino, birthtimeMs } = statSync(folder);
        const watcher = watch(folder, { persistent: false });
        const forget = () => {
          watcher.close();
          if (open.get(folder) === watcher) open.delete(folder);
        };
        open.set(folder, watcher);
        watcher.on("change", (_event, name) => {
          changed(name as string | null);
          const isAnother = (now: Stats) => {
            // The number alone may be given to the next folder that is made.
            if (now.ino === ino && now.birthtimeMs === birthtimeMs) return;
            forget();
            replaced();
          };
          void stat(folder).then(isAnother, forget);
        });
        // Out of watches (inotify(7), max_user_watches), or no such folder.
        watcher.on("error", forget);
        return true;
      } catch {
        // There is none to watch, yet or any more.
        return false;
      }
    },
    close: () => {
      isClosed = true;
      for (const watcher of open.values()) watcher.close();
    },
  };
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
