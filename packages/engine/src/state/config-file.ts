import { unwatchFile, watchFile } from "node:fs";
import { readFile } from "node:fs/promises";
import type { PerchErrorData } from "@perch/core";

/** The file that a config was read from, and what was read. */
export interface ConfigFile {
  /** Absolute path. */
  readonly path: string;
  readonly text: string;
}

/** Notices that `perch.yaml` says something else than what the engine does. */
export interface ConfigWatch {
  /** `undefined` while the file is as it was read. */
  problem(): PerchErrorData | undefined;
  close(): void;
}

/** Milliseconds between two looks at the file. It is looked at, not watched: editors and git put another in its place. */
const LOOK = 2_000;

/** @param onChange called when the problem comes or goes. */
export function watchConfig(file: ConfigFile, onChange: () => void, look = LOOK): ConfigWatch {
  let isChanged = false;
  const onLook = async () => {
    const text = await readFile(file.path, "utf8").catch(() => undefined);
    const was = isChanged;
    isChanged = text !== file.text;
    if (was !== isChanged) onChange();
  };
  watchFile(file.path, { interval: look, persistent: false }, onLook);
  // It may have changed since it was read, which no later look at its times shows.
  void onLook();
  return {
    problem: () => (isChanged ? changed(file.path) : undefined),
    close: () => unwatchFile(file.path, onLook),
  };
}

function changed(path: string): PerchErrorData {
  return {
    code: "CONFIG_CHANGED",
    message: `${path} was changed after the engine read it: what runs is what it said before.`,
    hint: "`perch doctor` tells whether it is right. Then stop the engine and start it again.",
    fault: "user",
  };
}
