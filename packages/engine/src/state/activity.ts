import { join } from "node:path";
import type { Activity } from "@perch/core";
import { readJson, writeJson } from "./json-file.ts";
import type { StateDir } from "./state-dir.ts";

/** When each canary was last pushed to or asked for, over restarts of the engine. Keys are names of variants. */
export interface ActivityRecord {
  of(name: string): Activity | undefined;
  /** Takes note of a use, or of a new commit. @param now what was noted later than this, before the clock went back, counts from now on. */
  note(name: string, activity: Activity, now: number): void;
  /** Forgets all but these. */
  retain(names: ReadonlySet<string>): void;
  close(): Promise<void>;
}

/** Milliseconds between two writes. What a crash loses is as little, and `canary.ttl` is days. */
const SAVE_INTERVAL = 10_000;

export async function openActivity({ root }: StateDir): Promise<ActivityRecord> {
  const path = join(root, "activity.json");
  const known = new Map<string, Activity>();
  const written = await readJson(path);
  for (const [name, activity] of Object.entries(written ?? {})) {
    const { commit, at } = (activity ?? {}) as Partial<Activity>;
    if (typeof commit === "string" && typeof at === "number") known.set(name, { commit, at });
  }
  let changed = false;
  let saving = Promise.resolve();
  const save = () => {
    if (!changed) return;
    changed = false;
    saving = saving
      .then(() => writeJson(path, Object.fromEntries(known)))
      .catch(() => {
        // A full disk shows as a problem of its own; the next write brings it all.
        changed = true;
      });
  };
  const timer = setInterval(save, SAVE_INTERVAL);
  timer.unref();
  return {
    of: (name) => known.get(name),
    note: (name, activity, now) => {
      const before = known.get(name);
      const isAhead = before !== undefined && before.at > now;
      if (!isAhead && before?.commit === activity.commit && before.at >= activity.at) return;
      known.set(name, isAhead ? { ...activity, at: now } : activity);
      changed = true;
    },
    retain: (names) => {
      for (const name of known.keys()) if (!names.has(name)) changed = known.delete(name) || changed;
    },
    close: async () => {
      clearInterval(timer);
      save();
      await saving;
    },
  };
}
