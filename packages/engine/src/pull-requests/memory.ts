import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RepositoryObservation } from "@perch/core";

/** Keeps what was last seen over a restart: an engine that starts while a source is down runs what ran before. */
export interface Memory {
  /** What was last seen of a repository; `undefined`: nothing, or nothing that can be read. */
  recall(repo: string): Promise<RepositoryObservation | undefined>;
  /** Writes only what is new. A disk that is full costs the memory, and nothing else. */
  keep(observation: RepositoryObservation): Promise<void>;
}

/** @param folder where it writes `<owner>--<name>.seen.json`. */
export function openMemory(folder: string): Memory {
  const written = new Map<string, string>();
  const fileOf = (repo: string) => join(folder, `${repo.replace("/", "--")}.seen.json`);
  return {
    recall: async (repo) => {
      try {
        return JSON.parse(await readFile(fileOf(repo), "utf8")) as RepositoryObservation;
      } catch {
        return undefined;
      }
    },
    keep: async (observation) => {
      const { repo } = observation;
      const text = JSON.stringify(observation);
      if (written.get(repo) === text) return;
      const file = fileOf(repo);
      // Renamed into place, so that a crash leaves no half of it.
      const isKept = await writeFile(`${file}.new`, text)
        .then(() => rename(`${file}.new`, file))
        .then(
          () => true,
          () => false,
        );
      if (isKept) written.set(repo, text);
    },
  };
}
