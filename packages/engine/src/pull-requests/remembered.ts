import { join } from "node:path";
import type { RepositoryObservation } from "@perch/core";
import { readJson, writeJson } from "../state/json-file.ts";
import type { StateDir } from "../state/state-dir.ts";

/** What the sources saw last, over restarts: an outage of a source closes no canary, also when the engine is new. */
export interface Remembered {
  readonly observations: readonly RepositoryObservation[];
  /** Writes them down if they changed. A failure only costs the next engine a look. */
  keep(observations: readonly RepositoryObservation[]): Promise<void>;
}

/** @param version of perch: what another one wrote is not read. */
export async function openRemembered({ root }: StateDir, version: string): Promise<Remembered> {
  const path = join(root, "observations.json");
  const written = (await readJson(path)) as Partial<Written> | null | undefined;
  const isOurs = written?.version === version && Array.isArray(written.observations);
  const observations = isOurs ? (written.observations ?? []).filter(isWhole) : [];
  let last = JSON.stringify(observations);
  let writing = Promise.resolve();
  return {
    observations,
    keep: (next) => {
      const text = JSON.stringify(next);
      if (text === last) return writing;
      last = text;
      writing = writing
        .then(() => writeJson(path, { version, observations: next } satisfies Written))
        .catch(() => {
          last = "";
        });
      return writing;
    },
  };
}

interface Written {
  readonly version: string;
  readonly observations: readonly RepositoryObservation[];
}

function isWhole({ repo, stableHead, pullRequests }: Partial<RepositoryObservation>): boolean {
  return typeof repo === "string" && typeof stableHead === "string" && Array.isArray(pullRequests);
}
